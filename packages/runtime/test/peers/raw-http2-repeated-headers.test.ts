import { describe, expect, test } from "vitest";
import { Status } from "../../src/index.js";
import { handleAll } from "../calls/kinds.js";
import { rejection, startServer } from "../harness.js";
import { RawClient, startForRaw } from "./raw-client.js";
import { grpc, respondHeadersOnly, startPeer } from "./raw-server.js";

// A header may be repeated. Several lines mean the same as one line with the values joined by commas.

describe("a server", () => {
  test.for([
    ["identity", "gzip"],
    ["gzip", "identity"],
    ["identity, deflate", "gzip"],
  ])("compresses for a client that lists accepted encodings in several lines: %s, %s", async (...[accepted]) => {
    const { address } = await startServer(
      handleAll(() => ({})),
      { compression: "gzip" },
    );
    const { headers } = await new RawClient(address).request({ headers: { "grpc-accept-encoding": accepted } });
    expect(headers["grpc-encoding"]).toBe("gzip");
  });

  const contradictions: Readonly<Record<string, [values: readonly string[], status: Status]>> = {
    "grpc-encoding": [["identity", "gzip"], Status.UNIMPLEMENTED],
    "grpc-timeout": [["1S", "2S"], Status.INTERNAL],
  };

  test.for(Object.entries(contradictions))("refuses two values of %s", async ([name, [values, status]]) => {
    const { client } = await startForRaw();
    const { trailers } = await client.request({ headers: { [name]: values } });
    expect(trailers["grpc-status"]).toBe(String(status));
    expect(trailers["grpc-message"]).toContain(values.join(", "));
  });

  test.for(Object.entries(contradictions))(
    "treats the same value of %s twice as one",
    async ([name, [[value = ""]]]) => {
      const { client } = await startForRaw();
      const { trailers } = await client.request({ headers: { [name]: [value, value] } });
      expect(trailers["grpc-status"]).toBe("0");
    },
  );
});

test("a client does not choose between two statuses", async () => {
  const { stub } = await startPeer((stream) => respondHeadersOnly(stream, { ...grpc, "grpc-status": ["0", "5"] }));
  expect(await rejection(stub.unary({}))).toMatchObject({
    status: Status.UNKNOWN,
    message: "Invalid grpc-status: 0, 5",
  });
});
