import type { AddressInfo, ListenOptions } from "node:net";
import type { TlsOptions } from "node:tls";
import type { CallStatus } from "../core/call-end.js";
import type { Compression } from "../core/compression.js";
import { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import type { CallHandler, Route } from "../transport/server.js";
import { acceptsEncoding } from "../wire/encoding.js";
import { type OutgoingHeaders, ReceivedMetadata } from "../wire/headers.js";
import { quote } from "../wire/quote.js";
import { parseRequest, refuseRequest } from "../wire/request.js";
import { ResetCode } from "../wire/reset-code.js";
import { formatTrailersOnly } from "../wire/response.js";
import { DECODED_BYTES, DECOMPRESSED_BYTES, type MessageLimits } from "./limits.js";
import { MemoryBudget } from "./memory-budget.js";
import type { MessageFormat } from "./message-reader.js";
import { type ConnectionSettings, NodeServer, type NodeServerSession, type RequestHeaders } from "./node-server.js";
import type { NodeServerStream } from "./node-server-stream.js";
import { OpenCalls } from "./open-calls.js";
import { Http2ServerStream } from "./server-stream.js";

/** What a server does with connections and messages. */
export interface ServerSettings extends MessageLimits, ConnectionSettings {
  /** How responses are compressed, for clients that can read that. */
  readonly compression: Compression;
}

/** Listens on one address, and turns the HTTP/2 streams that arrive into calls. */
export class ServerListener {
  readonly #handler: CallHandler;
  readonly #settings: ServerSettings;
  readonly #server: NodeServer;
  readonly #openCalls = new OpenCalls<Http2ServerStream>();
  readonly #requestFormats = new Map<Route, MessageFormat>();
  #bound: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(handler: CallHandler, settings: ServerSettings, tls: TlsOptions | undefined) {
    this.#handler = handler;
    this.#settings = settings;
    this.#server = new NodeServer(settings, tls, {
      onSession: (session) => this.#onSession(session),
      onStream: (stream, headers, session) => this.#onStream(stream, headers, session),
      onError: (error, peer) => handler.report(error, { peer }),
    });
  }

  /** Binds the address. @throws Error of node:net if that fails */
  async listen(options: ListenOptions): Promise<AddressInfo | string> {
    const bound = this.#server.bind(options);
    this.#bound = bound.catch(() => {});
    return await bound;
  }

  /** Takes no more calls, and waits until those under way are over. With several graces the shortest one counts. */
  async close(graceMs: number): Promise<void> {
    this.#closed ??= this.#bound.then(() => this.#server.close());
    const stopTimer = Deadline.after(graceMs).onExpired(() => this.#abortAll());
    await this.#closed;
    stopTimer();
  }

  #abortAll(): void {
    for (const call of this.#openCalls.list()) call.abort();
    // After the trailers: see NodeServerStream.release().
    setImmediate(() => setImmediate(() => this.#server.destroy()));
  }

  #onSession(session: NodeServerSession): void {
    if (this.#closed !== undefined) return session.close();
    const { maxReceiveBytes } = this.#settings;
    session.memory = {
      decompressed: new MemoryBudget(Math.max(DECOMPRESSED_BYTES, maxReceiveBytes)),
      decoded: new MemoryBudget(Math.max(DECODED_BYTES, 4 * maxReceiveBytes)),
    };
  }

  #onStream(stream: NodeServerStream, { method, path, raw }: RequestHeaders, session: NodeServerSession): void {
    const httpStatus = refuseRequest(method, raw);
    if (httpStatus !== undefined) return this.#refuse(stream, session, { ":status": String(httpStatus) });
    const route = this.#handler.find(path);
    if (route === undefined) return this.#refuse(stream, session, formatTrailersOnly(methodNotFound(path)));
    const request = parseRequest(raw);
    if (request.refusal !== undefined) return this.#refuse(stream, session, formatTrailersOnly(request.refusal));
    session.used = true;
    const { compression } = this.#settings;
    const head = {
      headers: new ReceivedMetadata(raw),
      timeout: request.timeout,
      encoding: request.encoding,
      compression: acceptsEncoding(raw, compression) ? compression : "identity",
      peer: session.peer,
    } as const;
    const requestFormat = this.#requestFormat(route);
    const options = { limits: this.#settings, requestFormat, openCalls: this.#openCalls, session };
    new Http2ServerStream(stream, route, head, options);
  }

  #requestFormat(route: Route): MessageFormat {
    const known = this.#requestFormats.get(route);
    if (known !== undefined) return known;
    const { desc, singleRequest } = route.method;
    const format = { schema: desc.input, maxBytes: this.#settings.maxReceiveBytes, single: singleRequest };
    this.#requestFormats.set(route, format);
    return format;
  }

  /** Answers a stream that does not become a call. */
  #refuse(stream: NodeServerStream, { peer }: NodeServerSession, headers: OutgoingHeaders): void {
    const onBroken = (error: unknown) => {
      this.#handler.report(error, { peer });
      stream.reset(ResetCode.INTERNAL_ERROR);
    };
    stream.listen({ ...ignoreRequest, onBroken });
    stream.respondHeadersOnly(headers);
  }
}

const ignoreRequest = { onData() {}, onEnd() {}, onClose() {}, onAborted() {} };

function methodNotFound(path: string): CallStatus {
  return { status: Status.UNIMPLEMENTED, message: `Method not found: ${quote(path)}` };
}
