import { stringifySetCookie } from "cookie";

/** A cookie of ours. Scripts never see it: every one is HttpOnly. */
export interface OwnCookie {
  readonly name: string;
  /** Goes into the header as it is; a character that may not stand there is an error. */
  readonly value: string;
  readonly path: string;
  /** Whole seconds; 0 makes the browser forget the cookie. */
  readonly life: number;
  /** Whether browsers send it over HTTPS only. */
  readonly secure: boolean;
  readonly sameSite?: "Lax" | "Strict" | "None";
  /** Of a frame: the browser keeps it apart for each site around that. Default: no. */
  readonly partitioned?: boolean;
}

/** The `Set-Cookie` value of a cookie of ours. */
export function setCookie(cookie: OwnCookie): string {
  const { name, value, path, life, secure, sameSite = "Lax", partitioned = false } = cookie;
  const attributes = {
    path,
    maxAge: life,
    httpOnly: true,
    secure,
    partitioned,
    sameSite: lowerCase[sameSite],
  } as const;
  return stringifySetCookie({ name, value, ...attributes }, { encode: String });
}

const lowerCase = { Lax: "lax", Strict: "strict", None: "none" } as const;

/** All values of a cookie: one name can have several, of different paths. A parser into an object would keep one of them. */
export function cookiesNamed(name: string, header: string | undefined): string[] {
  if (header === undefined || !header.includes(name)) return [];
  return pairsOf(header).flatMap((pair) => (pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : []));
}

/** The names of all cookies that a browser sent. */
export function cookieNames(header: string | undefined): string[] {
  return header === undefined ? [] : pairsOf(header).map((pair) => pair.split("=", 1)[0] ?? "");
}

/** RFC 6265 §5.4: a semicolon always separates, inside quotes too. */
function pairsOf(header: string): string[] {
  return header.split(";").map((pair) => pair.trim());
}
