/** Stub. */
export class Changes {
  made(_path: string, _session: string): void {}
}
