import type { DescMethod } from "@bufbuild/protobuf";

/** A method of a service, with the properties that both sides of a call use. */
export interface Method {
  /** The descriptor of the method. Its `input` and `output` are the schemas of the messages. */
  readonly desc: DescMethod;
  /** The path of the HTTP/2 request, e.g. `/library.v1.LibraryService/GetBook`. */
  readonly path: string;
  /** Whether a call has exactly one request: unary and server streaming. */
  readonly singleRequest: boolean;
  /** Whether a call has exactly one response: unary and client streaming. */
  readonly singleResponse: boolean;
}

/** Describes a method of a service descriptor. */
export function describeMethod(desc: DescMethod): Method {
  return { desc, path: `/${desc.parent.typeName}/${desc.name}`, ...messageCounts[desc.methodKind] };
}

const messageCounts: Record<DescMethod["methodKind"], Pick<Method, "singleRequest" | "singleResponse">> = {
  unary: { singleRequest: true, singleResponse: true },
  server_streaming: { singleRequest: true, singleResponse: false },
  client_streaming: { singleRequest: false, singleResponse: true },
  bidi_streaming: { singleRequest: false, singleResponse: false },
};
