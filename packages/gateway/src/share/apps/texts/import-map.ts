/** An address of the app as the page needs it; one of another place stays. */
export type Moved = (address: string) => string;

interface ImportMap {
  readonly imports?: unknown;
  readonly scopes?: unknown;
  readonly integrity?: unknown;
}

/**
 * Modules import by addresses that leave out the prefix (`import "/src/main.js"`), in texts that no attribute shows. An import map
 * leads these below the prefix, and says of those below it that they stay; the longest path counts.
 * @param prefix where the guest sees the app; ends with `/`
 * @param own the app's map, as it is written in the page; empty: none
 * @returns the map as JSON that may stand in a script element; what is no map stays as it is
 */
export function importMap(prefix: string, moved: Moved, own = ""): string {
  const map = own.trim() === "" ? {} : parsed(own);
  if (map === undefined) return own;
  const scopes = Object.entries(objectOf(map.scopes)).map(([scope, imports]) => [
    moved(scope),
    movedImports(imports, moved),
  ]);
  const merged = {
    ...map,
    imports: { "/": prefix, [prefix]: prefix, ...movedImports(map.imports, moved) },
    ...(map.scopes === undefined ? {} : { scopes: Object.fromEntries(scopes) }),
    ...(map.integrity === undefined ? {} : { integrity: movedKeys(map.integrity, moved) }),
  };
  return JSON.stringify(merged).replaceAll("<", "\\u003c");
}

/** A script finds a module by its name, by an address without the prefix, or by one below it. */
function movedImports(imports: unknown, moved: Moved): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(objectOf(imports)).flatMap(([name, address]) => {
      const target = typeof address === "string" ? moved(address) : address;
      return [...new Set([name, moved(name)])].map((one) => [one, target]);
    }),
  );
}

function movedKeys(record: unknown, moved: Moved): Record<string, unknown> {
  return Object.fromEntries(Object.entries(objectOf(record)).map(([key, value]) => [moved(key), value]));
}

function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

/** @returns undefined: no browser takes it as a map */
function parsed(text: string): ImportMap | undefined {
  try {
    const map: unknown = JSON.parse(text);
    return typeof map === "object" && map !== null && !Array.isArray(map) ? map : undefined;
  } catch {
    return undefined;
  }
}
