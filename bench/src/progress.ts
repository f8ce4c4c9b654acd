/** Says what is being done now, with the seconds since the start. */
export function progress(what: string): void {
  console.log(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${what}`);
}
