import { expect, it } from "vitest";
import { replaceBlockedStorage } from "../../../src/server/site-data.ts";

interface Store {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

function blockedWindow(): { localStorage: Store; sessionStorage: Store } {
  const blocked = {
    configurable: true,
    get() {
      throw new Error("Access is denied for this document.");
    },
  };
  return Object.create(Object.defineProperties({}, { localStorage: blocked, sessionStorage: blocked }));
}

it("blocked storage is replaced by memory, so that programs continue", () => {
  const page = blockedWindow();
  expect(() => page.localStorage).toThrow("denied");
  expect(replaceBlockedStorage(page)).toBe(true);
  page.localStorage.setItem("a", "1");
  expect([page.localStorage.getItem("a"), page.localStorage.key(0), page.localStorage.length]).toEqual(["1", "a", 1]);
  page.localStorage.removeItem("a");
  expect(page.localStorage.getItem("a")).toBeNull();
  expect(page.sessionStorage.getItem("a")).toBeNull();
});

it("storage that works is left alone", () => {
  const storage = { getItem: () => null };
  const page = { localStorage: storage, sessionStorage: storage };
  expect(replaceBlockedStorage(page)).toBe(false);
  expect(page.localStorage).toBe(storage);
});
