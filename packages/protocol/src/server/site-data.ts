/** The part of a browser's storage that programs use. */
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
 * Where a browser blocks site data, `localStorage` and `sessionStorage` throw as soon as a script names them, and that
 * script ends there. This replaces both by storage in memory, which lasts as long as the page.
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
    // Some browsers return `null`, others throw at the first use.
    if (storage === null || storage === undefined) return false;
    storage.getItem("waiide");
    return true;
  } catch {
    // Any error means that it cannot be used.
    return false;
  }
}
