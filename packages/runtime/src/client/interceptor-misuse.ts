import { passItsResult } from "../core/misplaced-factory.js";
import { textOf } from "../core/text-of.js";

// What an interceptor did wrong, and what to do instead: the messages of ProtocolErrors.

export const alreadyReturned = (path: string): string =>
  `An interceptor of ${path} has already returned, so it cannot call next(). Await next() before returning.`;

export const headersArrived = (path: string): string =>
  `The response of ${path} has begun, so next() cannot be called again. Check call.committed first.`;

export const requestsNotKept = (path: string): string =>
  `Requests of ${path} were not kept, so next() cannot be called again. Call call.keepRequests() before the first next().`;

export const alreadyRunning = (path: string): string => `An attempt of ${path} is running. Await next() first.`;

export const noResponse = (path: string, returned: unknown): string =>
  `An interceptor has to return a response for ${path}: the result of next(), or a message. It returned ${textOf(returned)}.`;

export const notCreated = (path: string, returned: unknown, name: string): string =>
  `${noResponse(path, returned)} ${passItsResult(name)}`;

export const noResponses = (returned: unknown): string =>
  `An interceptor has to call next(), or to return the responses as an iterable. It returned ${textOf(returned)}.`;

export const notAResponse = (typeName: string, yielded: unknown): string =>
  `An interceptor has to return messages of type ${typeName}, got ${textOf(yielded)}.`;

export const twoAnswers = (path: string): string =>
  `An interceptor has called next() and returned responses for ${path}. Return the result of next(), or do not call it.`;

export const notAwaited = (path: string): string =>
  `An interceptor of ${path} has returned before its next() settled. Return or await next().`;
