import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { Transport as ConnectTransport } from "@connectrpc/connect";
import { deadlineExceededDuring } from "../client/outcome.js";
import { Deadline } from "../core/deadline.js";
import { Status } from "../core/status.js";
import type { CallEnd } from "../errors/call-end.js";
import type { CallRequest, OutgoingCall, ResponseListener } from "../transport/client.js";
import { endOf, endOfStream } from "./client-end.js";
import { fromHeaders, toHeaders } from "./metadata.js";
import { RequestQueue } from "./request-queue.js";

/** A response of Connect, of a unary or a streaming method. */
interface Response {
  readonly header: Headers;
  readonly messages: AsyncIterator<Message> | Iterator<Message>;
  readonly trailer: Headers;
}

/**
 * An outgoing call over a transport of Connect.
 *
 * Connect takes the next request when it has sent the last one, and reads the next
 * response when it is asked to. One response is read in advance, because the end of
 * the call is found only by reading. While requests may follow, up to 32 are read in
 * advance. Otherwise a sender that does not read would not learn of the end, or would
 * fail when it sends to a server that has already answered.
 */
export class ConnectCall implements OutgoingCall {
  readonly peer = undefined;
  readonly #transport: ConnectTransport;
  readonly #request: CallRequest;
  readonly #listener: ResponseListener;
  readonly #headers: Headers;
  readonly #deadline: Deadline | undefined;
  readonly #requests: RequestQueue;
  readonly #abort = new AbortController();
  #response: Response | undefined;
  /** The responses that have arrived before they are pulled. */
  readonly #early: Message[] = [];
  #reading = false;
  #pulled = false;
  #over = false;

  /** @throws TypeError for metadata that Connect cannot send */
  constructor(transport: ConnectTransport, request: CallRequest, listener: ResponseListener) {
    this.#transport = transport;
    this.#request = request;
    this.#listener = listener;
    this.#deadline = request.timeout === undefined ? undefined : Deadline.after(request.timeout);
    this.#headers = toHeaders(request.metadata, /^(content-encoding$|connect-)/);
    if (request.previousAttempts > 0) this.#headers.set("grpc-previous-rpc-attempts", `${request.previousAttempts}`);
    this.#requests = new RequestQueue(() => {
      if (!this.#over) listener.onDrain();
    });
    // Later, because the caller may still withdraw the call. A single request starts the call when it is sent.
    if (!request.method.singleRequest) queueMicrotask(() => this.#start());
  }

  send(message: Message, last: boolean): boolean {
    const { input } = this.#request.method.desc;
    // A copy, because the caller may change the message before Connect encodes it: interceptors of Connect may wait.
    const request = fromBinary(input, toBinary(input, message));
    if (this.#over) return true;
    const mayFollow = this.#requests.push(request);
    if (last) this.#requests.end();
    if (this.#request.method.singleRequest) this.#start(request);
    return mayFollow;
  }

  end(): void {
    if (!this.#over) this.#requests.end();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#early.length = 0;
    this.#abort.abort();
    this.#answerWithEnd();
  }

  pull(): void {
    this.#pulled = true;
    this.#deliver();
    if (this.#over) this.#answerWithEnd();
  }

  #start(first?: Message): void {
    if (this.#over) return;
    this.#open(first).then(
      (response) => this.#receiveHeaders(response),
      (error: unknown) => this.#fail(error),
    );
  }

  async #open(first: Message | undefined): Promise<Response> {
    const { method, timeout } = this.#request;
    const options = [this.#abort.signal, timeoutFor(timeout), this.#headers] as const;
    if (method.desc.methodKind === "unary") {
      const { header, message, trailer } = await this.#transport.unary(
        method.desc as never,
        ...options,
        first as never,
      );
      return { header, messages: [message as Message].values(), trailer };
    }
    const { header, message, trailer } = await this.#transport.stream(method.desc as never, ...options, this.#requests);
    return { header, messages: (message as AsyncIterable<Message>)[Symbol.asyncIterator](), trailer };
  }

  #receiveHeaders(response: Response): void {
    if (this.#over) return;
    this.#response = response;
    this.#listener.onHeaders(fromHeaders(response.header));
    this.#read();
  }

  #read(): void {
    const limit = this.#requests.ended ? 1 : MAX_EARLY;
    if (this.#over || this.#reading || this.#response === undefined || this.#early.length >= limit) return;
    const { header, messages, trailer } = this.#response;
    this.#reading = true;
    Promise.resolve(messages.next()).then(
      ({ value, done }) => {
        this.#reading = false;
        if (this.#over) return;
        if (done === true) return this.#finish(endOfStream(header, trailer));
        this.#early.push(value);
        this.#deliver();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  /** Answers a pull, and reads on. */
  #deliver(): void {
    if (this.#pulled && this.#early.length > 0) {
      this.#pulled = false;
      this.#listener.onMessage(this.#early.shift() as Message);
    }
    this.#read();
  }

  #fail(error: unknown): void {
    const end = endOf(error, this.#response?.header);
    // Connect and the server have timers, too, which may fire first. That of the server resets the stream.
    const expired =
      end.status === Status.DEADLINE_EXCEEDED || (end.status === Status.UNAVAILABLE && this.#deadline?.expired);
    const late = expired && end.origin === "client";
    this.#finish(late ? deadlineExceededDuring(this, this.#response !== undefined) : end);
  }

  #finish(end: CallEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.onEnd(end);
    this.#answerWithEnd();
  }

  #answerWithEnd(): void {
    if (!this.#pulled) return;
    this.#pulled = false;
    this.#listener.onMessagesEnd(undefined);
  }
}

/** The longest timeout that all protocols of Connect can send, in milliseconds. */
const MAX_TIMEOUT_MS = 99_999_999;

/**
 * Connect sends whole milliseconds. A longer timeout is not sent: only the caller's side enforces it. Then Connect gets
 * 0, for none, because `undefined` stands for the default of its transport.
 */
function timeoutFor(timeout: number | undefined): number | undefined {
  if (timeout === undefined) return undefined;
  return timeout > MAX_TIMEOUT_MS ? 0 : Math.max(1, Math.ceil(timeout));
}

/** How many responses are read in advance until the requests end. */
const MAX_EARLY = 32;
