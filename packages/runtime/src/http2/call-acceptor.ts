import { Status } from "../core/status.js";
import type { CallStatus } from "../errors/call-end.js";
import { OpenCalls } from "../transport/open-calls.js";
import type { CallHandler, Route } from "../transport/server.js";
import { acceptEncoding } from "../wire/encoding.js";
import { rawHeadersSize } from "../wire/header-size.js";
import { metadataOf, type OutgoingHeaders } from "../wire/headers.js";
import { quote } from "../wire/quote.js";
import { parseRequest, refuseRequest } from "../wire/request.js";
import { ResetCode } from "../wire/reset-code.js";
import { formatStatus, formatTrailersOnly } from "../wire/response.js";
import type { RequestHeaders } from "./node-server.js";
import type { NodeServerSession } from "./node-server-session.js";
import type { NodeServerStream } from "./node-server-stream.js";
import type { CallSettings } from "./server-settings.js";
import { Http2ServerStream, type SharedByCalls } from "./server-stream.js";

/** Turns the HTTP/2 streams that clients open into calls. Refuses streams that are not valid calls. */
export class CallAcceptor {
  readonly #handler: CallHandler;
  readonly #settings: CallSettings;
  readonly #sharedBy = new WeakMap<Route, SharedByCalls>();
  readonly #openCalls = new OpenCalls<Http2ServerStream>();

  constructor(handler: CallHandler, settings: CallSettings) {
    this.#handler = handler;
    this.#settings = settings;
  }

  accept(stream: NodeServerStream, { method, path, raw }: RequestHeaders, session: NodeServerSession): void {
    const refuse = (headers: OutgoingHeaders) => this.#refuse(stream, session, headers);
    const refuseCall = (status: CallStatus) => {
      const { tally } = this.#settings;
      tally.onStarted();
      tally.onEnded(status, { path, peer: session.peer });
      refuse(formatTrailersOnly(formatStatus(status)));
    };
    // Node applies the limit only once the client has acknowledged the settings, and then resets the stream.
    const size = rawHeadersSize(raw);
    if (size > this.#settings.maxHeaderBytes) return refuseCall(headersTooLarge(size, this.#settings));
    const httpStatus = refuseRequest(method, raw);
    if (httpStatus !== undefined) return refuse({ ":status": String(httpStatus) });
    const known = this.#handler.find(path);
    const route = known ?? this.#handler.routeOfUnknown?.(path);
    if (route === undefined) return refuseCall(methodNotFound(path));
    const request = parseRequest(raw);

    const { peer, certificate } = session;
    const call = new Http2ServerStream(this.#shared(route), {
      stream,
      session,
      requestEncoding: request.encoding,
      acceptedEncodings: acceptEncoding(raw),
    });
    const { timeout, previousAttempts } = request;
    const refusal = known === undefined ? methodNotFound(path) : request.refusal;
    call.start({ metadata: metadataOf(raw), timeout, peer, auth: certificate, previousAttempts, refusal });
  }

  /** Ends calls with UNAVAILABLE: those of a connection that is too old, or all because the server is closing. */
  abort(old: NodeServerSession | undefined): void {
    for (const call of this.#openCalls.list()) call.abort(old);
  }

  #shared(route: Route): SharedByCalls {
    const known = this.#sharedBy.get(route);
    if (known !== undefined) return known;
    const { desc, singleRequest, path } = route.method;
    const { maxReceiveBytes, maxSendBytes, compression, trailerBudget, tally } = this.#settings;
    const shared: SharedByCalls = {
      route,
      requestFormat: { schema: desc.input, maxBytes: maxReceiveBytes, single: singleRequest },
      maxSendBytes,
      compression,
      trailerBudget,
      openCalls: this.#openCalls,
      tally,
      report: (error, peer) => this.#handler.report(error, { method: path, peer }),
    };
    this.#sharedBy.set(route, shared);
    return shared;
  }

  /** Answers a stream that does not become a call, ignoring its request. */
  #refuse(stream: NodeServerStream, session: NodeServerSession, headers: OutgoingHeaders): void {
    const onBroken = (error: unknown) => {
      this.#handler.report(error, { peer: session.peer });
      stream.reset(ResetCode.INTERNAL_ERROR);
    };
    const onClose = () => session.onCallClosed(stream.mayBeReset);
    session.onCallOpened();
    stream.listen({ ...ignoreRequest, onBroken, onClose });
    stream.respondHeadersOnly(headers);
  }
}

const ignoreRequest = { onData() {}, onEnd() {}, onAborted() {} };

function headersTooLarge(size: number, { maxHeaderBytes }: CallSettings): CallStatus {
  const message = `The headers with the metadata have ${size} bytes, over the limit of ${maxHeaderBytes} (maxHeaderBytes)`;
  return { status: Status.RESOURCE_EXHAUSTED, message };
}

function methodNotFound(path: string): CallStatus {
  return { status: Status.UNIMPLEMENTED, message: `Method not found: ${quote(path)}` };
}
