import { expect, it } from "vitest";
import { leadsOnlyHere } from "../../../src/create/only-here.ts";

it("a link to a loopback address is recognized in every spelling", () => {
  for (const host of ["127.0.0.1:8070", "127.3.2.1", "localhost:8070", "ide.localhost", "[::1]:8070", "2130706433"]) {
    expect(leadsOnlyHere(`http://${host}/share/abc/#secret`), host).toBe(true);
  }
  for (const host of ["hub.example.org", "10.0.0.7:8070", "localhost.example.org", "[fd00::1]", "127.example.org"]) {
    expect(leadsOnlyHere(`https://${host}/share/abc/#secret`), host).toBe(false);
  }
});
