/** “1 guest”, “2 guests”: nobody reads “1 guest(s)”. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
