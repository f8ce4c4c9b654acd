import { describe, expect, it } from "vitest";
import { GatewayError } from "../../../src/base/errors.ts";
import { userNameOf } from "../../../src/container/user-name.ts";

describe("the user whose home a container serves", () => {
  it("is the hub's, else the administrator's, else calliope", () => {
    expect(userNameOf({ JUPYTERHUB_USER: "alice", WAIIDE_USER: "bob" })).toBe("alice");
    expect(userNameOf({ WAIIDE_USER: "bob" })).toBe("bob");
    expect(userNameOf({ JUPYTERHUB_USER: "", WAIIDE_USER: "" })).toBe("calliope");
  });

  it("may have any name that a folder can have", () => {
    for (const name of [
      "bob.x@ex.org",
      "Łukasz",
      "a b",
      "-rf",
      "..hidden",
      "auth0|12",
      "DOMAIN\\ann",
      "é".repeat(127),
    ]) {
      expect(userNameOf({ JUPYTERHUB_USER: name })).toBe(name);
    }
  });

  it("is refused if it cannot name a folder", () => {
    for (const name of [".", "..", "a/b", "../root", "/", "a:b", "a\nb", "a\u0000b", "a\u007fb", "é".repeat(128)]) {
      expect(() => userNameOf({ JUPYTERHUB_USER: name }), name).toThrowError(
        expect.objectContaining({ code: "USER_NAME_REFUSED", exit: 2 }) as GatewayError,
      );
    }
  });

  it("is not written raw into the error", () => {
    expect(() => userNameOf({ JUPYTERHUB_USER: "a\n[E] forged" })).toThrow('"a\\n[E] forged"');
    expect(() => userNameOf({ JUPYTERHUB_USER: "a\n[E] forged" })).toThrow(GatewayError);
  });
});
