import { createSocket } from "node:dgram";
import { decode, encode, type Packet } from "dns-packet";
import { onTestFinished } from "vitest";

/** The code of a response about a name that does not exist. */
const NXDOMAIN = 3;

/** A DNS server on loopback. */
export interface DnsServer {
  /** Where it listens, as the authority of a target: `dns://authority/name:port`. */
  readonly authority: string;
  /** The IPv4 addresses of each name. They may change at any time. */
  readonly addresses: Map<string, readonly string[]>;
  /** The names of the queries for IPv4 addresses so far. */
  readonly queries: readonly string[];
}

/** Starts a DNS server. It is closed when the test is over. */
export async function startDnsServer(): Promise<DnsServer> {
  const addresses = new Map<string, readonly string[]>();
  const queries: string[] = [];
  const socket = createSocket("udp4");
  onTestFinished(async () => void socket.close());
  socket.on("message", (message, { port, address }) => {
    const { id, questions = [] } = decode(message);
    const [question] = questions;
    const name = question?.name ?? "";
    if (question?.type === "A") queries.push(name);
    const found = addresses.get(name);
    const answers = question?.type === "A" ? (found ?? []) : [];
    const response: Packet = {
      type: "response",
      id,
      flags: found === undefined ? NXDOMAIN : 0,
      questions,
      answers: answers.map((data) => ({ type: "A", name, ttl: 0, data })),
    };
    socket.send(encode(response), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { authority: `127.0.0.1:${socket.address().port}`, addresses, queries };
}
