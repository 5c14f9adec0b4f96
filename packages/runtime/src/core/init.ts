import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";

/**
 * What the API accepts where it expects a message of type `T`: the message
 * itself, or an object with the fields that differ from their defaults.
 */
export type Init<T extends Message> = MessageInitShape<GenMessage<T>>;
