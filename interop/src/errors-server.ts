import { create } from "@bufbuild/protobuf";
import { GRPCError, Metadata, registerDetails } from "@grpclib-ts/runtime";
import { reflection } from "@grpclib-ts/runtime/reflection";
import { detailsOf, detailTypes, errorNamed } from "./errors/errors.js";
import { metadataOf } from "./errors/metadata.js";
import { ErrorServiceBase } from "./gen/interop/v1/errors_grpclib.js";
import { type RaiseRequest, RaiseResponseSchema } from "./gen/interop/v1/errors_pb.js";
import { file_interop_v1_unlisted } from "./gen/interop/v1/unlisted_pb.js";
import { serve } from "./serve.js";

class ErrorService extends ErrorServiceBase {
  override raise({ name }: RaiseRequest): never {
    const error = errorNamed(name);
    const metadata = new Metadata(metadataOf(error));
    throw new GRPCError(error.code, error.message, detailsOf(error), { metadata });
  }

  override async *raiseLater(request: RaiseRequest) {
    yield create(RaiseResponseSchema);
    this.raise(request);
  }
}

registerDetails(detailTypes);
await serve([new ErrorService(), ...reflection({ files: [file_interop_v1_unlisted] })]);
