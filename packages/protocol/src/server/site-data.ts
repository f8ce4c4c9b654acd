/** What programs use of a browser's storage. */
class MemoryStorage {
  readonly #items = new Map<string, string>();

  get length(): number {
    return this.#items.size;
  }

  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }

  getItem(key: string): string | null {
    return this.#items.get(String(key)) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(String(key), String(value));
  }

  removeItem(key: string): void {
    this.#items.delete(String(key));
  }

  clear(): void {
    this.#items.clear();
  }
}

/**
 * Where a browser blocks site data, `localStorage` and `sessionStorage` throw as soon as they are named, and the first
 * program that does so ends there. From then on both are kept in memory, as long as the page is.
 * @param page the window
 * @returns whether something is blocked
 */
export function replaceBlockedStorage(page: object): boolean {
  const blocked = ["localStorage", "sessionStorage"].filter((name) => !isUsable(page, name));
  for (const name of blocked) {
    Object.defineProperty(page, name, { value: new MemoryStorage(), configurable: true });
  }
  return blocked.length > 0;
}

function isUsable(page: object, name: string): boolean {
  try {
    const storage = Reflect.get(page, name) as MemoryStorage | null;
    // Some browsers have `null` there, others fail at the first use.
    if (storage === null || storage === undefined) return false;
    storage.getItem("waiide");
    return true;
  } catch {
    // Whatever it throws: it is not usable.
    return false;
  }
}
