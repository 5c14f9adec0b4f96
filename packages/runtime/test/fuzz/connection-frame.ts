import { FrameType, type Http2Frame } from "../frames/frame.js";
import { goaway, ping, settings, windowUpdate } from "../frames/frames.js";
import type { Random } from "../random.js";
import { below, happens, noise, oneOf } from "./chance.js";

/** A frame that does not belong to a call. @param rough whether it may end the connection */
export function connectionFrame(random: Random, rough: boolean): Http2Frame {
  const stream = 1 + 2 * below(random, 8);
  if (rough && happens(random, 0.5)) {
    return oneOf<Http2Frame>(random, [
      goaway(below(random, 20), below(random, 15)),
      windowUpdate(oneOf(random, [0, stream]), oneOf(random, [0, 0x7fffffff])),
      settings({ [below(random, 10)]: below(random, 2 ** 32) }),
      { type: FrameType.CONTINUATION, flags: 4, stream, payload: noise(random, 5) },
      { type: FrameType.PUSH_PROMISE, flags: 4, stream, payload: noise(random, 10) },
      { type: FrameType.SETTINGS, flags: 1, payload: noise(random, 6) },
    ]);
  }
  return oneOf<Http2Frame>(random, [
    ping(below(random, 1 << 20)),
    windowUpdate(0, 1 + below(random, 100_000)),
    // Initial windows from 0 to large. They also change the windows of open streams.
    settings({ 4: oneOf(random, [0, 1, 10, 65_535, 1 << 20]) }),
    settings({ 1: below(random, 5000), 3: below(random, 100) }),
    { type: FrameType.PRIORITY, stream, payload: Buffer.of(0, 0, 0, 0, below(random, 256)) },
    // Frames of an unknown type are ignored.
    { type: 0x77, stream: 0, payload: noise(random, 10) },
  ]);
}
