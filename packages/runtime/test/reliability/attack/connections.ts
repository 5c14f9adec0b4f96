import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeFrames, preface } from "../../frames/frame.js";
import { FrameConnection } from "../../frames/frame-connection.js";
import { data, headers, Setting, settings, windowUpdate } from "../../frames/frames.js";
import { requestFields, requestMessage } from "../../frames/grpc.js";
import { ATTACK_MS } from "./attack.js";

/**
 * Opens connections in groups.
 *
 * @param first sent on each of them
 * @returns those that were opened; fewer if the system has no more file descriptors
 */
async function openMany(port: number, count: number, first = Buffer.alloc(0)): Promise<readonly Socket[]> {
  const sockets: Socket[] = [];
  const open = () =>
    new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => {
        sockets.push(socket);
        if (first.length > 0) socket.write(first);
      });
      socket.once("connect", resolve);
      socket.once("close", resolve);
      socket.on("error", () => {});
      socket.resume();
    });
  for (let opened = 0; opened < count; opened += 100) await Promise.all(Array.from({ length: 100 }, open));
  return sockets;
}

function closeAll(sockets: readonly Socket[]): string {
  const left = sockets.filter((socket) => !socket.destroyed && socket.writable).length;
  for (const socket of sockets) socket.destroy();
  return `${sockets.length.toLocaleString("en")} connections, ${left.toLocaleString("en")} open at the end`;
}

/** 1,000 connections that send one byte of the preface per second, all but the last one. */
export async function slowPreface(port: number): Promise<string> {
  const sockets = await openMany(port, 1_000);
  for (const byte of preface.subarray(0, -1)) {
    for (const socket of sockets) if (socket.writable) socket.write(Buffer.of(byte));
    await sleep(1_000);
  }
  return closeAll(sockets);
}

/** 10,000 connections that speak HTTP/2, and send nothing more. */
export async function idleConnections(port: number): Promise<string> {
  const sockets = await openMany(port, 10_000, Buffer.concat([preface, encodeFrames([settings()])]));
  await sleep(ATTACK_MS);
  return closeAll(sockets);
}

const MAX_WINDOW = 2 ** 31 - 1;
const STREAMS = 500;

/** Clients that ask for 16 MB on each of 500 streams, allow the server to send all of it, and read nothing. */
export async function neverReading(port: number): Promise<string> {
  const connections = await Promise.all(Array.from({ length: 4 }, () => FrameConnection.connect(port)));
  const fields = requestFields("ServerStream");
  const request = requestMessage({ number: 1000 });
  for (const connection of connections) {
    connection.send(settings({ [Setting.INITIAL_WINDOW_SIZE]: MAX_WINDOW }), windowUpdate(0, MAX_WINDOW - 65_535));
    connection.socket.pause();
    for (let index = 0; index < STREAMS; index++) {
      const stream = 2 * index + 1;
      connection.send(headers(stream, fields), data(stream, request, { endStream: true }));
    }
  }
  await sleep(ATTACK_MS);
  for (const { socket } of connections) socket.destroy();
  return `${connections.length * STREAMS} streams of 16 MB on ${connections.length} connections`;
}
