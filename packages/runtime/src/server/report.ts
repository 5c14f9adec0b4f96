/** Which call an error belongs to. */
export interface ErrorInfo {
  /** Path of the method; `undefined` for an error of a connection. */
  readonly method?: string | undefined;
  /** Address of the client. */
  readonly peer?: string | undefined;
}

/**
 * Takes the errors that do not reach the client: those of handlers that are no
 * answer, details that could not be sent, errors of connections.
 */
export type OnError = (error: unknown, info: ErrorInfo) => void;

/** Writes errors to the console: silence is a choice, not the default. */
export const logError: OnError = (error, { method, peer }) => {
  const where = [method && `in ${method}`, peer && `called by ${peer}`].filter(Boolean).join(", ");
  console.error(`grpclib-ts: error${where && ` ${where}`}:`, error);
};

/** A hook that cannot break the call that it is told of. */
export function safely(onError: OnError): OnError {
  return (error, info) => {
    void (async () => onError(error, info))().catch((failure) => logError(failure, info));
  };
}
