import { detail, GRPCError, type ServerContext, Status } from "@grpclib-ts/runtime";
import { BadRequestSchema } from "@grpclib-ts/runtime/error-details";
import type { SimpleRequest } from "./gen/grpc/testing/messages_pb.js";
import { serve } from "./serve.js";
import { TestService } from "./server/test-service.js";

/**
 * The service of the official tests. A call with the key `x-fail` fails in the way that its value names. A call with
 * the key `x-was-answered` fails with NOT_FOUND unless a call had its value as `x-name` before.
 */
class ProxiedService extends TestService {
  readonly #names = new Set<string>();

  override unaryCall(request: SimpleRequest, context: ServerContext) {
    const { metadata } = context;
    const failure = metadata.get("x-fail");
    if (failure !== undefined) this.#fail(failure, context);
    const asked = metadata.get("x-was-answered");
    if (asked !== undefined && !this.#names.has(asked)) throw new GRPCError(Status.NOT_FOUND);
    this.#names.add(metadata.get("x-name") ?? "");
    return super.unaryCall(request, context);
  }

  #fail(failure: string, context: ServerContext): never {
    if (failure === "details") {
      const fieldViolations = Array.from({ length: 60 }, (_, n) => ({
        field: `books[${n}].title`,
        description: `The title of book ${n} is longer than 100 characters`,
      }));
      throw new GRPCError(Status.INVALID_ARGUMENT, "60 fields", [detail(BadRequestSchema, { fieldViolations })]);
    }
    if (failure === "message") throw new GRPCError(Status.NOT_FOUND, "long ".repeat(1200));
    for (let n = 0; n < 60; n++) context.trailingMetadata.set(`x-key-${n}`, "v".repeat(50));
    throw new GRPCError(Status.ABORTED, "with metadata");
  }
}

const { MAX_CONNECTION_AGE: age } = process.env;
await serve(new ProxiedService(), { maxConnectionAge: age === undefined ? undefined : Number(age) });
