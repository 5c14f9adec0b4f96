import { status as grpcStatus } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import { GRPCError, Status } from "../../src/index.js";
import { call, type Kind, kinds } from "../calls/kinds.js";
import { TestService } from "../gen/test/v1/test_pb.js";
import { collect, connect } from "../harness.js";
import { callWith, startClient } from "../peers/grpc-js.js";
import { common, different, type Row, same } from "./beside-grpc-js.js";
import { type ReceivedAttempt, startScripted } from "./scripted.js";

// https://github.com/grpc/proposal/blob/master/A6-client-retries.md

/** Makes one call, and returns its status. */
type Caller = (address: string, kind: Kind, row: Row) => () => Promise<string | undefined>;

const ours: Caller = (address, kind, { policy, policyFor, requests = [{}], timeout }) => {
  const methods = [`/${TestService.typeName}/${policyFor ?? TestService.method[kind].name}`];
  const stub = connect(address, { retry: { ...common, ...policy, methods } });
  const options = timeout === undefined ? {} : { timeout };
  return async () => {
    try {
      if (kind === "clientStream") await stub.clientStream(requests, options);
      else if (kind === "bidi") await collect(stub.bidi(requests, options));
      else await call(stub, kind, options, requests[0]);
      return "OK";
    } catch (error) {
      if (error instanceof GRPCError) return Status[error.status];
      throw error;
    }
  };
};

let targets = 0;

/**
 * The address as a target that no earlier test had: grpc-js counts the tokens of a target for as long as the process
 * runs, and a port is soon given out once more. The first address is that of a name server, which is never asked.
 */
const targetFor = (address: string) => `dns://127.0.0.1:${++targets}/${new URL(address).host}`;

const theirs: Caller = (address, kind, { policy, policyFor, requests = [{}], timeout }) => {
  const { throttling, initialBackoff, maxBackoff, ...rest } = { ...common, ...policy };
  const name = [{ service: TestService.typeName, method: policyFor ?? TestService.method[kind].name }];
  const seconds = (milliseconds: number) => `${milliseconds / 1000}s`;
  const retryPolicy = { ...rest, initialBackoff: seconds(initialBackoff), maxBackoff: seconds(maxBackoff) };
  const config = { methodConfig: [{ name, retryPolicy }], ...(throttling ? { retryThrottling: throttling } : {}) };
  const client = startClient(targetFor(address), { "grpc.service_config": JSON.stringify(config) });
  return async () => {
    const deadline = timeout === undefined ? {} : { deadline: new Date(Date.now() + timeout) };
    const { status } = await callWith(client, kind, { requests, ...deadline });
    return grpcStatus[status.code];
  };
};

/** What becomes of the calls of a row, in the notation of {@link Row.calls}. */
async function outcomes(caller: Caller, kind: Kind, row: Row): Promise<string[]> {
  const { address, attempts } = await startScripted(row.script);
  const makeCall = caller(address, kind, row);
  const texts: string[] = [];
  for (const _ of row.calls) {
    const status = await makeCall();
    const made = attempts.splice(0);
    for (const { requests } of made) expect(requests).toBe(row.requests?.length ?? 1);
    texts.push([...made.map(previousAttempts), status].join(" "));
  }
  return texts;
}

const previousAttempts = ({ headers }: ReceivedAttempt) => headers["grpc-previous-rpc-attempts"] ?? "-";

const both = (kind: Kind, row: Row) => Promise.all([outcomes(ours, kind, row), outcomes(theirs, kind, row)]);

const ofKind = <R extends Row>(kind: Kind, table: Readonly<Record<string, R>>) =>
  Object.entries(table).filter(([, row]) => row.kinds?.includes(kind) ?? true);

describe.for(kinds)("%s, as with grpc-js", (kind) => {
  test.for(ofKind(kind, same))("%s", async ([, row]) => {
    expect(await both(kind, row)).toEqual([row.calls, row.calls]);
  });
});

describe.for(kinds)("%s, other than with grpc-js", (kind) => {
  const rows = ofKind(kind, different).map(([name, row]) => [`${name}: ${row.why}`, row] as const);
  test.for(rows)("%s", async ([, row]) => {
    expect(await both(kind, row)).toEqual([row.calls, row.grpcJs]);
  });
});
