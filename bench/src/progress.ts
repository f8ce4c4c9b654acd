/** Says what is being done now, with the seconds since the start. */
export function progress(what: string): void {
  console.log(`${(performance.now() / 1000).toFixed(0).padStart(5)} s  ${what}`);
}

/** Says which round begins for one of several. @param round from 0, which warms up and is not counted */
export function progressOfRound(row: string, round: number, rounds: number, name: string): void {
  progress(round === 0 ? `${row}, warming up: ${name}` : `${row}, round ${round} of ${rounds}: ${name}`);
}
