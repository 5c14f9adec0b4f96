// What an interceptor did wrong, and what to do instead: the messages of ProtocolErrors.

export const headersArrived = (path: string): string =>
  `The response headers of ${path} have arrived, so next() cannot be called again. Check call.committed before.`;

export const requestsNotKept = (path: string): string =>
  `Requests of ${path} have been sent that were not kept, so next() cannot be called again. Call call.keepRequests() before the first next(), and check call.committed before the second one.`;

export const alreadyRunning = (path: string): string =>
  `An attempt of ${path} is running. Await next() before calling it again: only methods with a single response can have several attempts at a time.`;

export const noResponse = (path: string): string =>
  `An interceptor has returned no response for ${path}. Return the result of next(), or a message.`;

export const twoAnswers = (path: string): string =>
  `An interceptor has returned responses for ${path} after it had called next(), which delivers them. Return the result of next(), or do not call it.`;

export const notAwaited = (path: string): string =>
  `An interceptor of ${path} has returned before its next() settled. Return or await next().`;
