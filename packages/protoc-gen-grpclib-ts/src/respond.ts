import { create, maximumEdition, minimumEdition } from "@bufbuild/protobuf";
import {
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
  CodeGeneratorResponse_Feature as Feature,
} from "@bufbuild/protobuf/wkt";
import { errorDocs } from "./error-docs/plugin.js";
import { errorMessages } from "./error-messages/plugin.js";
import { withFixedLocale } from "./fixed-locale.js";
import { InputError } from "./input-error.js";
import { errorDocsFormats, wantsErrorMessages } from "./options.js";
import { plugin } from "./plugin.js";
import { prepare } from "./prepare.js";
import { readRequest } from "./request.js";

/**
 * Responds to a compiler's request. Never throws: the response to an invalid
 * request has an `error`, which the compiler shows to its user.
 */
export function respond(bytes: Uint8Array): CodeGeneratorResponse {
  try {
    const request = prepare(readRequest(bytes));
    const response = withFixedLocale(() => plugin.run(request));
    const formats = errorDocsFormats(request.parameter);
    if (formats.length > 0) {
      response.file.push(...errorDocs(formats).run({ ...request, parameter: "target=ts" }).file);
    }
    if (wantsErrorMessages(request.parameter)) {
      response.file.push(...errorMessages.run({ ...request, parameter: "target=ts" }).file);
    }
    return response;
  } catch (error) {
    return create(CodeGeneratorResponseSchema, { ...supported, error: errorText(error) });
  }
}

/** What protoplugin declares in a response with files. Without it, protoc also reports that the plugin is too old. */
const supported = {
  supportedFeatures: BigInt(Feature.PROTO3_OPTIONAL | Feature.SUPPORTS_EDITIONS),
  minimumEdition,
  maximumEdition,
};

function errorText(error: unknown): string {
  if (error instanceof InputError) {
    return error.message;
  }
  return (
    `${plugin.name} cannot use these descriptors: ${error instanceof Error ? error.message : String(error)}. ` +
    "If the files compile without the plugin, this is a bug in the plugin: please report it, with the files."
  );
}
