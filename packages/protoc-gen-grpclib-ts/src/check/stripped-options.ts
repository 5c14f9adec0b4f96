import { type DescFile, hasOption } from "@bufbuild/protobuf";
import { errors, service_errors, shared_errors } from "../gen/grpclib/v1/errors_pb.js";
import { InputError } from "../input-error.js";
import type { Version } from "./changes.js";

const schema = "grpclib/v1/errors.proto";

/**
 * Throws an {@link InputError} if an earlier version seems to have been built without
 * the options that declare errors. These have source retention, so protoc leaves them
 * out of images. With such an image, no change would be reported.
 */
export function refuseStripped(before: Version, after: Version): void {
  const importers = before.files.filter(({ proto }) =>
    [...proto.dependency, ...proto.optionDependency].includes(schema),
  );
  const hadErrors = importers.some(declaresErrors);
  const haveErrors = importers.flatMap(({ proto }) => after.getFile(proto.name) ?? []).filter(declaresErrors);
  const [file] = haveErrors;
  if (file !== undefined && !hadErrors) {
    throw new InputError(
      `${file.proto.name} declares errors, but the version to compare with declares none, although it imports ` +
        `${schema}. Build its image with "buf build", without --exclude-source-retention-options: protoc leaves out ` +
        "the options that declare errors. If that version had no errors, there is nothing to compare: leave out the " +
        "rules of this plugin until you have published the next one.",
    );
  }
}

function declaresErrors(file: DescFile): boolean {
  return (
    hasOption(file, shared_errors) ||
    file.services.some(
      (service) => hasOption(service, service_errors) || service.methods.some((method) => hasOption(method, errors)),
    )
  );
}
