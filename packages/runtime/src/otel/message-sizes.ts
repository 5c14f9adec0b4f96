import { type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { guard } from "./guard.js";
import type { Instruments } from "./instruments.js";
import type { ObservedCall } from "./observed-call.js";
import type { AnyCall } from "./role.js";

/** Records the sizes of the messages of a call. */
export function recordMessageSizes(call: AnyCall, observed: ObservedCall, instruments: Instruments): void {
  const { desc } = call.method;
  if (desc === undefined) return;
  const { role, method } = observed.start;
  const record = (schema: DescMessage, part: "request" | "response") => (message: Message) =>
    guard("record the size of a message", () => {
      const size = toBinary(schema, message).length;
      instruments.histogram(`rpc.${role.side}.${part}.size`).record(size, method.attributes, observed.context);
    });
  call.onRequest(record(desc.input, "request"));
  call.onResponse(record(desc.output, "response"));
}
