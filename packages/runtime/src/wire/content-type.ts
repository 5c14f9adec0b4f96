/** The content-type that this library sends. */
export const CONTENT_TYPE = "application/grpc";

/**
 * Whether a content-type means gRPC with protobuf messages.
 *
 * @see https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests (Content-Type)
 */
export function isGrpcContentType(contentType: string | undefined): boolean {
  // Stryker disable next-line ConditionalExpression: the first comparison saves time; the pattern rejects undefined too
  return contentType === CONTENT_TYPE || (contentType !== undefined && pattern.test(contentType));
}

const pattern = /^application\/grpc(?:\+proto)?\s*(?:;.*)?$/i;
