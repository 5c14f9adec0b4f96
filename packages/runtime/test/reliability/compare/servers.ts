import { connect as connectTcp, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeFrames, preface } from "../../frames/frame.js";
import { goaway, settings } from "../../frames/frames.js";
import { callOnce } from "../callers.js";
import { connect } from "../libraries.js";
import { ServerProcess } from "../server-process.js";
import { Tally } from "../tally.js";
import { type Case, TIMEOUT_MS } from "./case.js";

/** How many connections of a kind there are. */
const CONNECTIONS = 20;
/** A server that has not closed within this time is given up, in milliseconds. */
const CLOSE_MS = 5_000;
/** The time for a server to notice what clients did, in milliseconds. */
const NOTICE_MS = 100;
/** How long the call takes that is in flight when a server closes, in milliseconds. */
const IN_FLIGHT_MS = 200;

type Chunks = readonly (string | Buffer)[];

function open(port: number, chunks: Chunks): Socket {
  const socket = connectTcp(port, "127.0.0.1").on("error", () => {});
  socket.resume();
  for (const chunk of chunks) socket.write(chunk);
  return socket;
}

/**
 * A server with connections that send some bytes, and a call beside them. Another
 * call is in flight when the server closes; the recovery is the time of that.
 *
 * @param leave how the clients leave before the server closes. Default: they stay
 */
function serverCase(chunks: Chunks, leave: (socket: Socket) => void = () => {}): Case {
  return async ({ library }) => {
    const server = await ServerProcess.start({ library, prints: true });
    const client = connect("grpclib-ts", server.port);
    const tally = new Tally();
    const sockets = Array.from({ length: CONNECTIONS }, () => open(server.port, chunks));
    await sleep(NOTICE_MS);
    for (const socket of sockets) leave(socket);
    await callOnce(client, tally, { timeout: TIMEOUT_MS });
    await sleep(NOTICE_MS);
    const inFlight = callOnce(client, tally, { work: IN_FLIGHT_MS, timeout: TIMEOUT_MS });
    await sleep(NOTICE_MS);
    const start = performance.now();
    await server.close(CLOSE_MS);
    const time = performance.now() - start;
    await inFlight;
    client.close();
    for (const socket of sockets) socket.destroy();
    return { tally, recoveries: [time], lines: server.lines };
  };
}

const fin = (socket: Socket) => void socket.end();
const rst = (socket: Socket) => void socket.resetAndDestroy();

const greeting = [preface, encodeFrames([settings()])];
const http1 = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
/** The beginning of a TLS handshake. */
const tls = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03]);
const halfPreface = preface.subarray(0, 12);

/** Clients that connect, make no call, and leave. */
export const probes: Readonly<Record<string, Case>> = {
  "health check": serverCase([], fin),
  "health check that resets": serverCase([], rst),
  "HTTP/1.1": serverCase([http1], fin),
  "TLS without need": serverCase([tls], fin),
  garbage: serverCase(["garbage ".repeat(100)], rst),
  "half a preface": serverCase([halfPreface], fin),
  "HTTP/2 without calls": serverCase(greeting, fin),
  "HTTP/2 and a reset": serverCase(greeting, rst),
  // For nghttp2, an unknown last stream is an error.
  "GOAWAY as of grpc-go": serverCase([...greeting, encodeFrames([goaway(2 ** 31 - 1, 0)])], fin),
};

/** Clients that are still connected when the server closes. */
export const silent: Readonly<Record<string, Case>> = {
  TCP: serverCase([]),
  "half a preface": serverCase([halfPreface]),
  "a preface without settings": serverCase([preface]),
  "HTTP/2 without calls": serverCase(greeting),
  "half a TLS handshake": serverCase([tls.subarray(0, 4)]),
};
