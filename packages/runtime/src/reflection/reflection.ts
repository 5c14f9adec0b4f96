import type { DescFile } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "../gen/google/rpc/status_pb.js";
import { ServerReflection, type ServerReflectionRequest } from "../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { file_grpclib_v1_errors } from "../gen/grpclib/v1/errors_pb.js";
import { GRPCError, type RequestStream, type Service, Status } from "../index.js";
import { type Answer, answer, type Reflected } from "./answer.js";
import { FileIndex } from "./file-index.js";

/** Options of {@link reflection}. */
export interface ReflectionOptions {
  /**
   * Further files, in addition to those of the services, all that they import,
   * `google.rpc` and the options of error contracts: for instance those of details
   * that no contract declares. Default: none.
   */
  readonly files?: readonly DescFile[] | undefined;
}

/**
 * Creates the services `grpc.reflection.v1.ServerReflection` and its older version
 * `v1alpha`, which tell clients all about the services of their server:
 *
 * ```ts
 * const server = new Server([new Library(), ...reflection()]);
 * ```
 *
 * They know the other services by themselves. Pass them to one server only: a second one refuses them.
 *
 * @throws TypeError for an unknown option
 * @see https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 */
export function reflection({ files = [], ...others }: ReflectionOptions = {}): Service[] {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new TypeError(`reflection() has no option ${JSON.stringify(unknown)}. It has files.`);
  let served: readonly Service[] | undefined;
  let known: Reflected | undefined;
  // On the first question, because it takes some milliseconds for large APIs.
  const reflected = () => (known ??= reflect(served ?? [], files));
  return [ServerReflection, ServerReflectionAlpha].map((desc) => ({
    $service: desc,
    $onServerCreated: (all: readonly Service[]) => {
      served ??= all;
      if (served !== all) throw new TypeError("reflection() is for one server only. Call it again for another one.");
    },
    serverReflectionInfo: (requests: RequestStream<ServerReflectionRequest>) => answers(requests, reflected),
  }));
}

function reflect(served: readonly Service[], files: readonly DescFile[]): Reflected {
  const services = served.map(({ $service }) => $service);
  const index = new FileIndex();
  index.add(...services.map(({ file }) => file), ...files);
  index.addMissing(file_google_rpc_status, file_google_rpc_error_details, file_grpclib_v1_errors);
  return { services: services.map(({ typeName }) => typeName).sort(), files: index };
}

/** The messages of the two versions have the same fields. */
async function* answers(
  requests: RequestStream<ServerReflectionRequest>,
  reflected: () => Reflected,
): AsyncGenerator<{ validHost: string; originalRequest: ServerReflectionRequest; messageResponse: Answer }> {
  const sent = new Set<string>();
  for await (const request of requests) {
    const messageResponse = answer(request.messageRequest, reflected(), sent);
    if (messageResponse === undefined) {
      throw new GRPCError(Status.INVALID_ARGUMENT, "The request asks for nothing that this server knows");
    }
    yield { validHost: request.host, originalRequest: request, messageResponse };
  }
}
