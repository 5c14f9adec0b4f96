import { handlerStates } from "../attacks/states.js";
import { requestFields, responseFields, trailerFields } from "../frames/grpc.js";
import type { Field } from "../frames/hpack.js";
import type { Random } from "../random.js";
import { below, happens, oneOf } from "./chance.js";

const percents = "%".repeat(30_000);
const codings = ["identity", "gzip", "deflate", "br", "", "gzip, identity"] as const;
const methods = ["Unary", "ServerStream", "ClientStream", "Bidi"] as const;

/** The headers of a request, valid or not. */
export function oddRequest(random: Random): readonly Field[] {
  const method = happens(random, 0.95) ? oneOf(random, methods) : oneOf(random, ["Missing", "", "../Unary", percents]);
  const fields: Field[] = [...requestFields(method), ["state", oneOf(random, handlerStates)]];
  return vary(random, fields, [
    ["grpc-timeout", oneOf(random, ["1S", "0n", "5m", "99999999H", "123456789S", "-1S", "1s", "", "1", percents])],
    ["grpc-encoding", oneOf(random, [...codings, percents])],
    ["grpc-accept-encoding", oneOf(random, codings)],
    ["content-type", oneOf(random, ["application/grpc+proto", "application/grpc+json", "text/html", ""])],
    ["te", "gzip"],
    [":method", oneOf(random, ["GET", "CONNECT", "post"])],
    [":path", oneOf(random, ["*", "", "/", "/test.v1.TestService/Unary?x=1"])],
  ]);
}

/** The headers of a response, valid or not. */
export function oddResponse(random: Random): readonly Field[] {
  return vary(random, responseFields, [
    [":status", oneOf(random, ["200", "100", "103", "404", "502", "0", "abc", ""])],
    ["content-type", oneOf(random, ["application/grpc+proto", "text/html", ""])],
    ["grpc-encoding", oneOf(random, [...codings, percents])],
    ["content-length", oneOf(random, ["0", "5", "1000000", "-1"])],
    ...oddStatus(random),
  ]);
}

/** Trailers, valid or not. */
export function oddTrailers(random: Random): readonly Field[] {
  return vary(random, trailerFields(happens(random, 0.5) ? 0 : below(random, 17)), oddStatus(random));
}

function oddStatus(random: Random): [Field, ...Field[]] {
  return [
    ["grpc-status", oneOf(random, ["0", "5", "17", "-1", "", "00", "1e1", percents])],
    ["grpc-message", oneOf(random, ["%", "%E4%F6", "100%", "\xff", percents])],
    ["grpc-status-details-bin", oneOf(random, ["", "*", "CAUSA2Zvbw", "////", "A".repeat(4000), percents])],
  ];
}

/** Randomly adds, replaces and removes headers. */
function vary(random: Random, fields: readonly Field[], odd: readonly [Field, ...Field[]]): readonly Field[] {
  const result = [...fields];
  while (happens(random, 0.3)) {
    const field = oneOf(random, happens(random, 0.7) ? odd : metadata);
    if (happens(random, 0.5)) result.push(field);
    else result.splice(below(random, result.length), happens(random, 0.7) ? 1 : 0, field);
  }
  if (happens(random, 0.03)) result.splice(below(random, result.length), 1);
  return result;
}

const metadata: readonly [Field, ...Field[]] = [
  ["x-bin", "AAEC"],
  ["x-bin", "*not base64*"],
  ["x-bin", "AA==, AQ"],
  [`x-${"%".repeat(200)}-bin`, "A"],
  ["X-Upper", "1"],
  ["x-text", "a\0b"],
  ["x-text", " edge "],
  ["x-long", percents],
  ["", "empty"],
  ["constructor", "1"],
  ["__proto__", "1"],
  ["connection", "close"],
  ["grpc-tags-bin", "AA"],
  [":unknown", "1"],
];
