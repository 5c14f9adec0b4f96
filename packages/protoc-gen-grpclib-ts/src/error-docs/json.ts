import type { DeclaredDetail } from "../contracts/declared-error.js";
import type { Catalogue, DocumentedError } from "./catalogue.js";
import { httpStatusOf, problemTypeOf, statusNumber } from "./rest.js";

/** Prints a catalogue as JSON, for programs. schema/errors.schema.json describes it. */
export function catalogueJson({ packageName, sources, services, shared, types }: Catalogue): string {
  const json = {
    schemaVersion: 1,
    package: packageName,
    files: sources,
    services: services.map(({ typeName, comment, deprecated, common, methods }) => ({
      name: typeName,
      comment,
      deprecated,
      errors: common.map(errorJson),
      methods: methods.map(({ name, path, comment, deprecated, errors }) => ({
        name,
        path,
        comment,
        deprecated,
        errors: errors.filter((error) => !common.includes(error)).map(errorJson),
      })),
    })),
    sharedErrors: shared.map(errorJson),
    types: types.map(({ typeName, declaration }) => ({ name: typeName, declaration })),
  };
  return JSON.stringify(json, undefined, 2);
}

function errorJson(error: DocumentedError): object {
  const {
    key,
    kind,
    status,
    reason,
    domain,
    metadata,
    details,
    optionalDetails,
    retryable,
    message,
    localize,
    comment,
    sharedBy,
  } = error;
  return {
    key,
    kind,
    comment,
    status,
    code: statusNumber(status),
    httpStatus: httpStatusOf(error),
    ...(reason === "" ? {} : { reason, domain, metadata }),
    ...(message === "" ? {} : { message, localize }),
    details: typeNames(details),
    optionalDetails: typeNames(optionalDetails),
    retryable,
    problemType: problemTypeOf(error),
    ...(sharedBy === undefined ? {} : { declaredIn: sharedBy.file.proto.name }),
  };
}

function typeNames(details: readonly DeclaredDetail[]): readonly string[] {
  return details.map(({ type }) => type.typeName);
}
