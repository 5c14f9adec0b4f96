import type { Channel } from "@grpclib-ts/runtime/node";
import type { TestServiceStub, UnimplementedServiceStub } from "../gen/grpc/testing/test_grpclib.js";

/** What a test case is given. */
export interface Setting {
  readonly test: TestServiceStub;
  readonly unimplemented: UnimplementedServiceStub;
  /** Opens one more channel to the server. */
  readonly openChannel: () => Channel;
  readonly soak: SoakLimits;
}

export interface SoakLimits {
  readonly iterations: number;
  /** How long an iteration may take, in milliseconds. */
  readonly iterationTime: number;
  /** How long all of them may take, in milliseconds. */
  readonly totalTime: number;
}

/** Rejects when the server, or our client, does not do what it should. */
export type TestCase = (setting: Setting) => Promise<void>;
