/** The one style sheet of our pages; colors follow the browser's scheme, contrast is at least 4.5 : 1 in both. */
export const style = `
:root { color-scheme: light dark; --back: #f4f5f9; --card: #fff; --text: #1c1e26; --soft: #565b6b; --line: #d9dce6;
  --accent: #2f48d8; --on-accent: #fff; --bad: #b3261e; --log: #f7f8fb; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14161c; --card: #1d2029; --text: #e9ebf2; --soft: #a5abbd; --line: #343947;
    --accent: #9fb0ff; --on-accent: #10131f; --bad: #ff9a92; --log: #161920; }
}
@media (prefers-contrast: more) { :root { --soft: var(--text); --line: var(--text); } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; align-items: center; justify-content: center; padding: 1.5rem;
  background: var(--back); color: var(--text); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 44rem; background: var(--card); border: 1px solid var(--line); border-radius: 14px;
  padding: 2rem 2.25rem; }
header { display: flex; align-items: center; gap: .85rem; margin-bottom: 1.1rem; }
header svg { width: 2.4rem; height: 2.4rem; flex: none; }
h1 { font-size: 1.3rem; line-height: 1.3; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
p { margin: .6rem 0; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.small { font-size: .875rem; }
.bad { color: var(--bad); }
.phase { display: flex; align-items: center; gap: .7rem; }
.spinner { width: 1.1rem; height: 1.1rem; flex: none; border: 2.5px solid var(--line); border-top-color: var(--accent);
  border-radius: 50%; animation: turn 1s linear infinite; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (max-width: 30rem) { body { padding: 1rem; } main { padding: 1.5rem 1.25rem; } }
@media (prefers-reduced-motion: reduce) { .spinner { animation-duration: 6s; } }
h2 { font-size: .875rem; font-weight: 600; color: var(--soft); margin: 1.4rem 0 .4rem; }
pre { margin: 0; padding: .8rem 1rem; height: 15rem; overflow: auto; background: var(--log); border: 1px solid var(--line);
  border-radius: 9px; font: .8125rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace;
  white-space: pre-wrap; overflow-wrap: anywhere; }
form { margin: 1.2rem 0 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.25rem; margin: 0 0 1.4rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.warning { border: 1px solid var(--bad); border-radius: 9px; padding: .2rem 1rem; margin-bottom: 1.4rem; }
form ul { margin: 0 0 1.4rem; padding-inline-start: 1.2rem; }
.warning p { color: var(--bad); }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
input[type="password"], input[type="text"] { width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--log);
  border: 1px solid var(--soft); border-radius: 8px; margin-bottom: 1rem; }
[hidden] { display: none !important; }
.check { display: flex; align-items: center; gap: .75rem; margin-bottom: 1rem; font-weight: 400; }
.check input { width: 1.1rem; height: 1.1rem; margin: 0; accent-color: var(--accent); }
button { font: inherit; font-weight: 600; padding: .5rem 1.15rem; border: 1px solid var(--accent); border-radius: 8px; cursor: pointer;
  background: var(--accent); color: var(--on-accent); }
button:disabled { opacity: .6; cursor: default; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
