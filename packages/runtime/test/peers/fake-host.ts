import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import type { Socket } from "node:net";
import { answer, serveCalls } from "../frames/served-call.js";
import { listenTcp, type TcpListener } from "../tcp-listener.js";

/** The name of fake hosts. It also resolves with a suffix, such as a final dot. */
export const fakeName = "books.example.test";

/** Lets {@link fakeName} resolve to addresses, for `dns.lookup()` and its promise. @returns a function that undoes it */
export function fakeHost(addresses: readonly string[]): () => void {
  const { lookup } = dns;
  const lookupPromise = dns.promises.lookup;
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const isFake = (name: string) => name.startsWith(fakeName);
  dns.lookup = ((name: string, options: object, callback: (error: null, found: dns.LookupAddress[]) => void) => {
    if (!isFake(name)) return lookup(name, options, callback as never);
    setImmediate(() => callback(null, found));
  }) as never;
  dns.promises.lookup = (async (name: string, options: object) =>
    isFake(name) ? found : await lookupPromise(name, options)) as never;
  syncBuiltinESMExports();
  return () => {
    dns.lookup = lookup;
    dns.promises.lookup = lookupPromise;
    syncBuiltinESMExports();
  };
}

/** What is at an address of a fake host. */
export type Behaviour = "answers" | "answers slowly" | "is silent" | "closes" | "refuses";

/** How long a server waits that answers slowly, before it speaks HTTP/2. In milliseconds. */
export const SLOW_MS = 1000;

/** What servers do with connections. The text of each answer is the index of the address. */
const behaviours: Record<Behaviour, ((socket: Socket, index: number) => void) | undefined> = {
  answers: answerOn,
  "answers slowly": (socket, index) => void setTimeout(answerOn, SLOW_MS, socket, index),
  "is silent": () => {},
  closes: (socket) => void socket.end(),
  refuses: undefined,
};

function answerOn(socket: Socket, index: number): void {
  if (!socket.destroyed) serveCalls(socket, (call) => answer(call, { text: String(index) }));
}

/** A host with several addresses. */
export interface FakeHost {
  readonly port: number;
  /** How often each address was connected to. */
  readonly connections: readonly number[];
  close(): Promise<void>;
}

/** Starts a host with one server for each behaviour, on the addresses 127.0.0.2, 127.0.0.3 … and one port. */
export async function startFakeHost(...wanted: readonly Behaviour[]): Promise<FakeHost> {
  const connections = wanted.map(() => 0);
  const listeners: TcpListener[] = [];
  for (const [index, behaviour] of wanted.entries()) {
    const serve = behaviours[behaviour];
    if (serve === undefined) continue;
    const onConnection = (socket: Socket, number: number) => {
      connections[index] = number;
      serve(socket, index);
    };
    listeners.push(await listenTcp(onConnection, { host: `127.0.0.${index + 2}`, port: listeners[0]?.port ?? 0 }));
  }
  const restore = fakeHost(wanted.map((_, index) => `127.0.0.${index + 2}`));
  return {
    port: listeners[0]?.port ?? 0,
    connections,
    async close() {
      restore();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  };
}
