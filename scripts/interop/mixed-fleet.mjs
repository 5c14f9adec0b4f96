import { deepEqual } from "node:assert/strict";
import { Failure } from "../lib/failure.mjs";
import { errors, errorsFlags } from "./errors.mjs";
import { grpcGo, grpcGoVersion } from "./grpc-go.mjs";
import { npmVersion, ours, withFlags } from "./program.mjs";
import { python, pythonVersion } from "./python.mjs";
import { outcomeOf } from "./run-client.mjs";

/**
 * The other implementations. Each has a server that raises the errors in errors.json, and a client that prints what it
 * receives from such a server. `noEmptyList`: it treats an empty list of details as none.
 */
const others = [
  { name: "grpc-js", version: npmVersion("@grpc/grpc-js"), programs: pair(ours, "grpc-js-") },
  { name: "nice-grpc", version: npmVersion("nice-grpc"), programs: pair(ours, "nice-grpc-") },
  {
    name: "connect-node",
    version: npmVersion("@connectrpc/connect-node"),
    programs: pair(ours, "connect-node-"),
    noEmptyList: true,
  },
  {
    name: "grpc-go",
    version: grpcGoVersion,
    programs: pair((name) => withFlags(grpcGo(name), errorsFlags), "errors-"),
    noEmptyList: true,
  },
  ...["grpclib", "grpcio"].map((name) => ({
    name: `Python's ${name}`,
    version: pythonVersion(name),
    programs: pair(python, `${name}_`),
  })),
];
const us = { version: "–", programs: pair(ours, "errors-") };

/** The suites: our client with each server, and each client with our server. */
export const mixedFleet = [
  suite("our client, our server", us, us.programs),
  ...others.flatMap((other) => [
    suite(`our client, server with ${other.name}`, other, { ...other.programs, client: us.programs.client }),
    suite(`client with ${other.name}, our server`, other, { ...other.programs, server: us.programs.server }),
  ]),
];

function pair(program, prefix) {
  return { client: program(`${prefix}client`), server: program(`${prefix}server`) };
}

function suite(name, { version, noEmptyList = false }, { client, server }) {
  // The client makes the calls of all cases in one run.
  let received;
  const test = async (port, testCase) => {
    received ??= receivedBy(client, port);
    deepEqual(comparable((await received)[testCase]), comparable(sent(testCase, noEmptyList)));
  };
  const cases = ["unary", "stream"].flatMap((method) => errors.map(({ name }) => `${method}/${name}`));
  return { name: `mixed fleet, ${name}`, version, server, test, cases, count: 44 };
}

async function receivedBy(client, port) {
  const flags = ["--server_host=127.0.0.1", `--server_port=${port}`];
  const { code, stdout, output, end } = await outcomeOf(withFlags(client, flags));
  if (code !== 0) throw new Failure(`${output}\n${end}`.trim());
  return JSON.parse(stdout);
}

function sent(testCase, noEmptyList) {
  const { name, ...error } = errors.find(({ name }) => testCase.endsWith(`/${name}`));
  return noEmptyList && error.details?.length === 0 ? { ...error, details: undefined } : error;
}

/** The error with the values of a key of metadata in one form: libraries and proxies may join them. */
function comparable({ code, message, details, metadata = {} }) {
  const values = Object.entries(metadata).map(([key, values]) => [key, values.join().split(/, */)]);
  return { code, message, details, metadata: Object.fromEntries(values) };
}
