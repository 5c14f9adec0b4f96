import { describe, expect, test } from "vitest";
import { withHeaders } from "../../src/http2/raw-headers.js";

// Node 20 takes a record of headers, later versions a list, too.
const others = { key: "value", list: ["a", "b"] };

describe("headers of one call", () => {
  test("have one name for each value in a list", () => {
    const list = ["te", "trailers"] as never;
    expect(withHeaders(list, others)).toEqual(["te", "trailers", "key", "value", "list", "a", "list", "b"]);
    expect(list).toEqual(["te", "trailers"]);
  });

  test("keep their values together in a record", () => {
    expect(withHeaders({ te: "trailers" }, others)).toEqual({ te: "trailers", ...others });
  });
});
