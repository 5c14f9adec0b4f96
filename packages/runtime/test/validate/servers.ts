import { BadRequestSchema } from "../../src/error-details.js";
import { GRPCError } from "../../src/index.js";
import { type ValidateOptions, validate } from "../../src/validate.js";
import { RulesServiceBase, RulesServiceStub } from "../gen/rules/v1/rules_grpclib.js";
import { RulesService } from "../gen/rules/v1/rules_pb.js";
import { openChannel, startServer } from "../harness.js";

/** A server that checks its requests, and a stub. `handled` lists the calls of handlers. */
export async function startChecked(options: Partial<ValidateOptions> = {}) {
  const handled: string[] = [];
  const service = RulesServiceBase.of({
    check: async () => {
      handled.push("check");
      return {};
    },
    checkAll: async function* (requests) {
      for await (const _ of requests) {
        handled.push("checkAll");
        yield {};
      }
    },
  });
  const interceptors = [validate({ services: [RulesService], ...options })];
  const { address, reports } = await startServer({}, { services: [service], interceptors });
  return { stub: new RulesServiceStub(openChannel(address)), reports, handled };
}

/** The violations in an error, as `[field, reason, description]`. */
export function violationsIn(error: unknown): string[][] {
  if (!(error instanceof GRPCError)) throw error;
  const violations = error.detail(BadRequestSchema)?.fieldViolations ?? [];
  return violations.map(({ field, reason, description }) => [field, reason, description]);
}
