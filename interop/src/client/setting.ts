import type { Channel } from "@grpclib-ts/runtime/node";
import type { TestServiceStub, UnimplementedServiceStub } from "../gen/grpc/testing/test_grpclib.js";

/** The argument of a test case. */
export interface Setting {
  readonly test: TestServiceStub;
  readonly unimplemented: UnimplementedServiceStub;
  /** Opens another channel to the server. The test case must close it. */
  readonly openChannel: () => Channel;
  readonly soak: SoakLimits;
}

export interface SoakLimits {
  readonly iterations: number;
  /** The time limit for an iteration, in milliseconds. */
  readonly iterationTime: number;
  /** The time limit for all iterations, in milliseconds. */
  readonly totalTime: number;
}

/** Rejects if the server or our client does not behave as expected. */
export type TestCase = (setting: Setting) => Promise<void>;
