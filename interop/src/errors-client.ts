import assert from "node:assert/strict";
import { isMessage } from "@bufbuild/protobuf";
import { Unknown } from "@grpclib-ts/runtime";
import { Channel } from "@grpclib-ts/runtime/node";
import { detailsOf, errorNamed } from "./errors/errors.js";
import { failureOf } from "./failure.js";
import { clientFlags } from "./flags.js";
import { ErrorServiceStub } from "./gen/interop/v1/errors_grpclib.js";
import { UnlistedSchema } from "./gen/interop/v1/unlisted_pb.js";

// Calls a server that raises an error. Exits with 0 if the error arrives as it is in errors.json.
const { server_host: host, server_port: port, test_case: name } = clientFlags();
await using channel = new Channel(`http://${host}:${port}`);

const expected = errorNamed(name);
const details = detailsOf(expected);
const error = await failureOf(new ErrorServiceStub(channel).raise({ name }));

assert.equal(error.origin, "peer");
assert.equal(error.status, expected.code);
assert.equal(error.statusMessage, expected.message);
assert.deepEqual(
  error.details?.map((detail) => (detail instanceof Unknown ? `${detail}` : detail)),
  details?.map((detail) => (isMessage(detail, UnlistedSchema) ? "Unknown('interop.v1.Unlisted')" : detail)),
);
// An Unknown keeps the bytes of the detail.
assert.deepEqual(
  error.detail(UnlistedSchema),
  details?.find((detail) => isMessage(detail, UnlistedSchema)),
);
