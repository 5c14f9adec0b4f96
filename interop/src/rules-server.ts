import type { RequestStream } from "@grpclib-ts/runtime";
import { validate } from "@grpclib-ts/runtime/validate";
import { RulesServiceBase } from "./gen/rules/v1/rules_grpclib.js";
import type { CheckAllRequest } from "./gen/rules/v1/rules_pb.js";
import { serve } from "./serve.js";

class RulesService extends RulesServiceBase {
  override async check() {
    return {};
  }

  override async *checkAll(requests: RequestStream<CheckAllRequest>) {
    for await (const _ of requests) yield {};
  }
}

const service = new RulesService();
await serve(service, { interceptors: [validate({ services: [service] })], onError: () => {} });
