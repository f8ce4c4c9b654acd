/** Styles of the administrator's page, besides the common ones. */
export const sharesStyle = `
:root { --good-back: #e3f4e8; --good: #14592b; --bad-back: #fdeceb; --view: #e4e8f7; --view-text: #28357e;
  --edit: #fdf0d5; --edit-text: #6b4300; --terminal: #fbe1df; --terminal-text: #8c1d18; --hover: #f8f9fc; }
@media (prefers-color-scheme: dark) {
  :root { --good-back: #16321f; --good: #9fe0b3; --bad-back: #3a1d1b; --view: #262d4d; --view-text: #c1ccff;
    --edit: #3b2d10; --edit-text: #f4cf86; --terminal: #43201e; --terminal-text: #ffb9b3; --hover: #222631; }
}
body { display: block; padding: 2rem 1.5rem 4rem; }
main { max-width: 84rem; margin: 0 auto; padding: 0; background: none; border: 0; }
header { margin-bottom: .4rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.1rem 1.4rem; margin: 1.2rem 0; }
.card > :first-child { margin-top: 0; }
.card > :last-child { margin-bottom: 0; }
.bar { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; align-items: baseline; justify-content: space-between; color: var(--soft); }
.bar p { margin: 0; }
.bar nav { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
.notice { border-radius: 10px; padding: .7rem 1.1rem; margin: 1.2rem 0 0; background: var(--good-back); color: var(--good); font-weight: 600; }
.notice.bad { background: var(--bad-back); color: var(--bad); }
.notice p { margin: .15rem 0; }
.notice:focus { outline: none; }
h2 { font-size: 1.05rem; font-weight: 650; color: var(--text); margin: 0; overflow-wrap: anywhere; }
h3 { font-size: .95rem; margin: 1.2rem 0 .3rem; overflow-wrap: anywhere; }
.owner > div { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: center; justify-content: space-between; padding: 1rem 1.4rem .3rem; }
.shares { padding: 0; overflow: hidden; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; vertical-align: top; padding: .6rem .7rem; overflow-wrap: anywhere; }
th:first-child, td:first-child { padding-left: 1.4rem; }
th:last-child, td:last-child { padding-right: 1.4rem; }
thead th { font-size: .8125rem; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--line); white-space: nowrap; }
.shares thead th { padding-top: .9rem; }
.shares tbody + tbody { border-top: 1px solid var(--line); }
.shares tbody tr:not(:first-child) > * { border-top: 1px solid var(--line); }
.shares tbody tr:nth-child(2) > * { border-top: 0; }
.shares tbody tr:hover > td { background: var(--hover); }
.shares th[scope="rowgroup"] { padding: 0; font-weight: inherit; }
td p, dd p { margin: 0; }
td:first-child { overflow-wrap: normal; }
.level { display: inline-block; border-radius: 99px; padding: .05rem .65rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.level.view { background: var(--view); color: var(--view-text); }
.level.edit, .level.app { background: var(--edit); color: var(--edit-text); }
.level.terminal { background: var(--terminal); color: var(--terminal-text); }
.path { font: .875rem/1.5 ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
.guests { list-style: none; margin: 0; padding: 0; }
td form { margin: 0; }
td:last-child { text-align: right; }
.policy { width: auto; min-width: min(100%, 40rem); }
.policy td, .policy th { padding: .4rem 2.5rem .4rem 0; text-align: left; overflow-wrap: normal; }
.policy td:last-child, .policy th:last-child { padding-right: 0; text-align: left; }
button.small, a.button { display: inline-block; padding: .3rem .85rem; font-size: .875rem; font-weight: 600; border-radius: 7px; text-decoration: none; line-height: 1.4; white-space: nowrap; }
button.end, a.end { background: none; border: 1px solid var(--bad); color: var(--bad); }
button.end:hover, a.end:hover { background: var(--bad-back); }
button.danger { background: var(--bad); color: var(--card); }
a.button.plain { border: 1px solid var(--line); color: var(--text); padding: .55rem 1.2rem; font-size: 1rem; }
.actions { display: flex; gap: .8rem; flex-wrap: wrap; margin-top: 1.2rem; }
.actions form { margin: 0; }
.empty { text-align: center; padding: 2.6rem 1.4rem; }
.empty p:first-child { font-size: 1.1rem; font-weight: 600; }
dl.why { grid-template-columns: minmax(12rem, max-content) 1fr; margin: .8rem 0 0; }
summary { cursor: pointer; font-weight: 650; }
.yes { color: var(--good); }
.clip { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.stop { list-style: none; padding: 0; margin: 1.2rem 0; }
.stop > li { padding: .7rem 0; border-top: 1px solid var(--line); }
.stop p { margin: 0; }
.stop .guests, .stop .guests li { display: inline; }
.stop .guests li + li::before { content: ", "; }
@media (max-width: 56rem) {
  body { padding: 1.2rem .9rem 3rem; }
  .card { padding: 1rem 1.1rem; }
  .card.shares { padding: 0; }
  .shares table, .shares tbody, .shares tr, .shares td, .shares th { display: block; }
  .shares thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .shares tr:has(td) { padding: .6rem 0; }
  .shares tbody tr:not(:first-child) > * { border-top: 0; }
  .shares tbody tr:nth-child(n+3) { border-top: 1px solid var(--line); }
  .shares td, .shares td:first-child, .shares td:last-child { padding: .2rem 1.1rem; }
  .shares td[data-name] { display: grid; grid-template-columns: 7.5rem 1fr; }
  .shares td[data-name]::before { content: attr(data-name); grid-row: 1 / span 9; font-size: .875rem; color: var(--soft); }
  .shares td[data-name] > * { grid-column: 2; justify-self: start; }
  .shares td:last-child { text-align: left; }
  .owner > div { padding: 1rem 1.1rem .2rem; }
  .policy { min-width: 0; width: 100%; }
  .policy td, .policy th { padding-right: .6rem; white-space: normal; }
  .policy .level { white-space: normal; }
  dl.why { grid-template-columns: 1fr; }
}
`;
