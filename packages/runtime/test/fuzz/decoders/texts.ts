import assert from "node:assert/strict";
import { compressions } from "../../../src/core/compression.js";
import { isFailure } from "../../../src/core/status.js";
import { isGrpcContentType } from "../../../src/wire/content-type.js";
import { acceptsEncoding } from "../../../src/wire/encoding.js";
import { formatBinary, parseBinary } from "../../../src/wire/headers.js";
import { formatStatusMessage, parseStatusMessage } from "../../../src/wire/percent.js";
import { quote } from "../../../src/wire/quote.js";
import { endOfReset } from "../../../src/wire/response.js";
import { formatTimeout, parseTimeout } from "../../../src/wire/timeout.js";
import { checkSame, type Decoder, inputs, textIn } from "./decoder.js";

const timeout: Decoder = {
  name: "grpc-timeout",
  format: "text",
  corpus: inputs("0n", "1u", "5S", "1500m", "99999999S", "12345678M", "99999999H"),
  check(input) {
    const milliseconds = parseTimeout(textIn(input));
    if (milliseconds === undefined) return;
    assert.ok(milliseconds >= 0);
    // It is rounded up to a unit in which it has eight digits.
    const again = parseTimeout(formatTimeout(milliseconds)) ?? Number.NaN;
    assert.ok(again >= milliseconds && again <= milliseconds + Math.max(1, milliseconds * 1e-5));
  },
};

const MAX_MESSAGE_LENGTH = 5000;

const statusMessage: Decoder = {
  name: "grpc-message",
  format: "text",
  corpus: inputs("Not found", "100%25 %E4%BD%A0%F0%9F%98%80", "\u4f60\u{1f600}", "%20edge%20", "a\tb%0A"),
  check(input) {
    const message = parseStatusMessage(textIn(input));
    // A longer one, encoded, can be longer than any header.
    if (message.length < MAX_MESSAGE_LENGTH) checkSame(parseStatusMessage(formatStatusMessage(message)), message);
  },
};

const binary: Decoder = {
  name: "value of a -bin header",
  format: "text",
  corpus: inputs("", "AA", "AAE=", "////+w", "_-8", "AA==, AQ, AgM"),
  check(input) {
    const text = textIn(input);
    const parts = text.split(",");
    for (const [index, bytes] of parseBinary(text)?.entries() ?? []) {
      assert.ok(Buffer.from(parts[index] ?? "", "base64").equals(bytes));
      assert.ok(Buffer.from(formatBinary(bytes), "base64").equals(bytes));
    }
  },
};

const contentType: Decoder = {
  name: "content-type",
  format: "text",
  corpus: inputs("application/grpc", "application/grpc+proto", "Application/gRPC ; charset=utf-8", "text/html"),
  check(input) {
    const text = textIn(input);
    if (isGrpcContentType(text)) assert.ok(text.toLowerCase().startsWith("application/grpc"));
  },
};

const acceptEncoding: Decoder = {
  name: "grpc-accept-encoding",
  format: "text",
  corpus: inputs("identity", "identity,deflate,gzip", "gzip, br", "gzip;q=1"),
  check(input) {
    const text = textIn(input);
    for (const name of compressions) if (acceptsEncoding(text, name)) assert.ok(`${text} identity`.includes(name));
  },
};

const goaway: Decoder = {
  name: "debug data of a GOAWAY",
  format: "text",
  corpus: inputs("", "too_many_pings", "max_age", "\u4f60".repeat(60), "\u{1f600}".repeat(60)),
  check(input) {
    const quoted = quote(textIn(input));
    assert.ok(quoted.length <= 101);
    assert.ok(!/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(quoted));
  },
};

const reset: Decoder = {
  name: "code of a RST_STREAM",
  format: "bytes",
  corpus: [0, 1, 7, 8, 11, 0xffffffff].map((code) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(code);
    return bytes;
  }),
  check(input) {
    const { status, message = "" } = endOfReset(Buffer.concat([input, Buffer.alloc(4)]).readUInt32BE());
    assert.ok(isFailure(status) && message.length > 0);
  },
};

export const textDecoders: readonly Decoder[] = [
  ...[timeout, statusMessage, binary, contentType, acceptEncoding, goaway, reset],
];
