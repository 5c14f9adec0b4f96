import { encodeFrame, type Http2Frame } from "../frames/frame.js";
import { reset } from "../frames/frames.js";
import type { Random } from "../random.js";
import { below, noise, oneOf, split } from "./chance.js";
import { describeFrame } from "./print.js";
import type { Step } from "./session.js";

type Mutation = (random: Random, frame: Http2Frame) => readonly Step[];

/** The ways to change a frame so that it may violate HTTP/2. */
export function mutate(random: Random, frame: Http2Frame): readonly Step[] {
  return oneOf(random, mutations)(random, frame);
}

function changed(how: string, frame: Http2Frame, change: Partial<Http2Frame>): readonly Step[] {
  const result = { ...frame, ...change };
  return [{ text: `${describeFrame(result)} (${how})`, bytes: encodeFrame(result) }];
}

const mutations: readonly [Mutation, ...Mutation[]] = [
  (random, frame) => changed("other flags", frame, { flags: below(random, 256) }),
  (random, frame) => changed("other stream", frame, { stream: oneOf(random, [0, 2, below(random, 30), 0x7fffffff]) }),
  (random, frame) => changed("other type", frame, { type: below(random, 11) }),
  (random, frame) => changed("noise for a payload", frame, { payload: noise(random, below(random, 60)) }),
  (_random, frame) => changed("oversized", frame, { payload: Buffer.alloc(20_000) }),
  (random, frame) => changed("flipped bits", frame, { payload: flip(random, frame.payload) }),
  (random, frame) => {
    const bytes = encodeFrame(frame);
    const cut = bytes.subarray(0, below(random, bytes.length));
    return [{ text: `${describeFrame(frame)} (only ${cut.length} of ${bytes.length} bytes)`, bytes: cut }];
  },
  (random) => [{ text: "noise", bytes: noise(random, 1 + below(random, 100)) }],
  (_random, frame) => [...changed("twice", frame, {}), ...changed("twice", frame, {})],
  (random, frame) => [
    ...changed("reset", reset(frame.stream ?? 0, below(random, 15)), {}),
    ...changed("after its reset", frame, {}),
  ],
  (random, frame) => {
    const [first = Buffer.alloc(0), ...rest] = split(random, Buffer.from(frame.payload ?? []), 3);
    const parts = rest.map((payload, index) => ({ type: 9, flags: 4 * index, stream: frame.stream ?? 0, payload }));
    return [
      ...changed("continued", frame, { flags: (frame.flags ?? 0) & ~4, payload: first }),
      ...parts.flatMap((part) => changed("a part", part, {})),
    ];
  },
  (_random, frame) => changed("gone", frame, { type: 0x99, payload: Buffer.alloc(0) }),
];

function flip(random: Random, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const bytes = Uint8Array.from(payload);
  for (let count = 1 + below(random, 4); count > 0; count--) {
    const at = below(random, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << below(random, 8));
  }
  return bytes;
}
