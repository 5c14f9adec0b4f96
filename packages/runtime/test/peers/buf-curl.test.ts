import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { create, type DescMessage, fromBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import { expect, test } from "vitest";
import { BadRequestSchema, QuotaFailureSchema } from "../../src/error-details.js";
import { GRPCError, Status } from "../../src/index.js";
import { OwnDetailSchema } from "../gen/test/v1/test_pb.js";
import { startServer } from "../harness.js";

const buf = fileURLToPath(new URL("../../../../node_modules/.bin/buf", import.meta.url));
const schema = fileURLToPath(new URL("../proto", import.meta.url));

/** Calls a method with `buf curl`, a client on connect-go. */
async function curl(url: string, requests: readonly object[], ...options: readonly string[]) {
  const data = requests.map((request) => JSON.stringify(request)).join("\n");
  const fixed = ["curl", "--protocol", "grpc", "--http2-prior-knowledge", "--schema", schema, "--data", data];
  return await new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(buf, [...fixed, ...options, url], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

/** The JSON documents of an output, one after the other. */
function documents(output: string): unknown[] {
  return JSON.parse(`[${output.trim().replaceAll(/^\}$/gm, "},").replace(/,$/, "")}]`);
}

test("it makes a unary call, with metadata", async () => {
  const { address } = await startServer({
    unary: ({ text, number }, { metadata }) => ({ text: `${text} ${metadata.get("x-from")}`, number: number + 1 }),
  });
  const url = `${address}/test.v1.TestService/Unary`;
  const { code, stdout, stderr } = await curl(url, [{ text: "naïve", number: 6 }], "--header", "x-from: curl");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(documents(stdout)).toEqual([{ text: "naïve curl", number: 7 }]);
});

test("it reads a stream", async () => {
  const { address } = await startServer({
    async *serverStream({ number: count }) {
      for (let number = 1; number <= count; number++) yield { number, text: "☃" };
    },
  });
  const { code, stdout, stderr } = await curl(`${address}/test.v1.TestService/ServerStream`, [{ number: 3 }]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(documents(stdout)).toEqual([1, 2, 3].map((number) => ({ number, text: "☃" })));
});

test("it sends a stream, and reads one", async () => {
  const { address } = await startServer({
    async *bidi(requests) {
      for await (const { text } of requests) yield { text: `${text}!` };
    },
  });
  const { code, stdout, stderr } = await curl(`${address}/test.v1.TestService/Bidi`, [{ text: "a" }, { text: "b" }]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(documents(stdout)).toEqual([{ text: "a!" }, { text: "b!" }]);
});

test("it shows an error with its details, in order", async () => {
  const badRequest = create(BadRequestSchema, { fieldViolations: [{ field: "name", description: "is empty" }] });
  const own = create(OwnDetailSchema, { text: "own" });
  const quota = create(QuotaFailureSchema, { violations: [{ subject: "you" }] });
  const { address } = await startServer({
    unary: () => {
      throw new GRPCError(Status.INVALID_ARGUMENT, "100% naïve ☃", [badRequest, own, quota]);
    },
  });

  const { code, stdout, stderr } = await curl(`${address}/test.v1.TestService/Unary`, [{}]);

  expect({ code, stdout }).toEqual({ code: Status.INVALID_ARGUMENT << 3, stdout: "" });
  const error = JSON.parse(stderr) as { details: { type: string; value: string }[] };
  expect(error).toMatchObject({ code: "invalid_argument", message: "100% naïve ☃" });
  expect(error.details.map(({ type }) => type)).toEqual([
    "google.rpc.BadRequest",
    "test.v1.OwnDetail",
    "google.rpc.QuotaFailure",
  ]);
  // It prints the bytes of details in base64.
  const decode = (index: number, desc: DescMessage) =>
    fromBinary(desc, base64Decode(error.details[index]?.value ?? "none"));
  expect(decode(0, BadRequestSchema)).toEqual(badRequest);
  expect(decode(1, OwnDetailSchema)).toEqual(own);
  expect(decode(2, QuotaFailureSchema)).toEqual(quota);
});
