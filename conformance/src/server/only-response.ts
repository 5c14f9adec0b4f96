import type { ServerContext } from "@grpclib-ts/runtime";
import type { UnaryResponseDefinition } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { errorOf } from "./error.js";
import { delay, sendMetadata } from "./instructions.js";
import type { RequestLog } from "./request-log.js";
import type { Response } from "./response.js";

/** The single response of a unary or client streaming method, as the first request defines it. */
export async function onlyResponse(
  definition: UnaryResponseDefinition | undefined,
  log: RequestLog,
  context: ServerContext,
): Promise<Response> {
  const requestInfo = log.echo();
  if (definition === undefined) return { payload: { requestInfo } };
  sendMetadata(definition, context);
  await delay(definition, context);
  const { response } = definition;
  if (response.case === "error") throw errorOf(response.value, requestInfo);
  return { payload: { requestInfo, data: response.value } };
}
