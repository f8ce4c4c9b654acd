import { describe, expect, test } from "vitest";
import { parseRange } from "../../../src/http/byte-range.ts";
import { acceptedCodings } from "../../../src/http/negotiation.ts";

describe("Accept-Encoding", () => {
  test.each([
    [undefined, ["identity"]],
    ["", ["identity"]],
    ["gzip, deflate, br, zstd", ["br", "gzip", "identity"]],
    ["gzip", ["gzip", "identity"]],
    ["br;q=0.5, gzip;q=0.8", ["gzip", "br", "identity"]],
    ["br;q=0, gzip", ["gzip", "identity"]],
    ["*", ["br", "gzip", "identity"]],
    ["*;q=0.5, br;q=0", ["gzip", "identity"]],
    ["identity, gzip;q=0.5", ["identity", "gzip"]],
    ["x-gzip", ["gzip", "identity"]],
    ["gzip;q=nonsense", ["identity"]],
    ["GZIP ; Q=1", ["gzip", "identity"]],
    ["identity;q=0, *;q=0", ["identity"]],
  ])("%s", (header, codings) => {
    expect(acceptedCodings(header)).toEqual(codings);
  });
});

describe("Range", () => {
  test.each([
    ["bytes=0-9", { start: 0, end: 9 }],
    ["bytes=90-", { start: 90, end: 99 }],
    ["bytes=90-1000", { start: 90, end: 99 }],
    ["bytes=-10", { start: 90, end: 99 }],
    ["bytes=-1000", { start: 0, end: 99 }],
    ["bytes=100-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-4", undefined],
    ["bytes=0-1,5-6", undefined],
    ["bytes=-", undefined],
    ["lines=0-1", undefined],
    [undefined, undefined],
  ])("%s of 100 bytes", (header, range) => {
    expect(parseRange(header, 100)).toEqual(range);
  });
});
