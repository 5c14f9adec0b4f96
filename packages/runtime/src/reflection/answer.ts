import { type DescFile, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type {
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "../gen/grpc/reflection/v1/reflection_pb.js";
import { Status } from "../index.js";
import type { FileIndex } from "./file-index.js";

/** What clients can ask about. */
export interface Reflected {
  /** The full names of the services, in order. */
  readonly services: readonly string[];
  readonly files: FileIndex;
}

export type Question = ServerReflectionRequest["messageRequest"];
export type Answer = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/**
 * Answers a question.
 *
 * @param sent the names of the files that this call has sent. They are not sent again as imports of others
 * @returns `undefined` if the client asked nothing that this version knows
 */
export function answer(question: Question, { services, files }: Reflected, sent: Set<string>): Answer | undefined {
  switch (question.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: services.map((name) => ({ name })) } };
    case "fileByFilename":
      return filesOr(files.named(question.value), sent, `There is no file ${question.value}`);
    case "fileContainingSymbol":
      return filesOr(files.declaring(question.value), sent, `There is no symbol ${question.value}`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      const file = files.extending(containingType, extensionNumber);
      return filesOr(file, sent, `There is no extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType": {
      const extensionNumber = files.extensionNumbers(question.value);
      if (extensionNumber.length === 0 && files.declaring(question.value) === undefined) {
        return notFound(`There is no message ${question.value}`);
      }
      return { case: "allExtensionNumbersResponse", value: { baseTypeName: question.value, extensionNumber } };
    }
    case undefined:
      return undefined;
  }
}

/** A file, always, and its imports as far as they have not been sent. */
function filesOr(file: DescFile | undefined, sent: Set<string>, message: string): Answer {
  if (file === undefined) return notFound(message);
  sent.add(file.proto.name);
  const list = [file, ...unsent(file.dependencies, sent)];
  const fileDescriptorProto = list.map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function unsent(files: readonly DescFile[], sent: Set<string>): DescFile[] {
  return files.flatMap((file) => {
    if (sent.has(file.proto.name)) return [];
    sent.add(file.proto.name);
    return [file, ...unsent(file.dependencies, sent)];
  });
}

function notFound(errorMessage: string): Answer {
  return { case: "errorResponse", value: { errorCode: Status.NOT_FOUND, errorMessage } };
}
