/**
 * Uses the code generated for greeter/v1/greeter.proto. Type-checkers must accept this file.
 */
import { create } from "@bufbuild/protobuf";
import { type FakeMethods, fakeStub } from "@grpclib-ts/runtime";
import type { RequestStream, ServerContext, Transport } from "@grpclib-ts/runtime/codegen";
import { GreeterBase, GreeterStub } from "../greeter/v1/greeter_grpclib.js";
import { type HelloReply, HelloReplySchema, type HelloRequest } from "../greeter/v1/greeter_pb.js";

/** A service as a class. Its methods must annotate the types of their parameters. */
export class Greetings extends GreeterBase {
  readonly #greeting: string;

  constructor(greeting: string) {
    super();
    this.#greeting = greeting;
  }

  override async sayHello(request: HelloRequest): Promise<HelloReply> {
    return create(HelloReplySchema, { message: `${this.#greeting} ${request.name}` });
  }

  override async *listHellos(request: HelloRequest, _context: ServerContext): AsyncGenerator<{ message: string }> {
    yield { message: request.name };
  }

  override async addHellos(requests: RequestStream<HelloRequest>): Promise<{ message: string }> {
    const names: string[] = [];
    for await (const { name } of requests) {
      names.push(name);
    }
    return { message: names.join() };
  }

  override async *chat(requests: AsyncIterable<HelloRequest>): AsyncGenerator<{ message: string }> {
    for await (const { name } of requests) {
      yield { message: name };
    }
  }
}

/** A service as plain functions, whose types are inferred. */
export const greetings: GreeterBase = GreeterBase.of({
  sayHello: (request) => ({ message: request.name.toUpperCase() }),
  async *listHellos({ name }, context) {
    context.signal.throwIfAborted();
    yield { message: name };
  },
  async addHellos(requests) {
    let message = "";
    for await (const { name } of requests) {
      message += name;
    }
    return create(HelloReplySchema, { message });
  },
  async *chat(requests) {
    for await (const { name } of requests) {
      yield { message: name };
    }
  },
});

/** A service of which some methods are implemented, as plain functions, whose types are inferred. */
export const partialGreetings: GreeterBase = GreeterBase.partial({
  sayHello: (request, context) => ({ message: request.name.toUpperCase() + context.peer }),
  async *chat(requests) {
    for await (const { name } of requests) {
      yield { message: name };
    }
  },
});

class PartialGreetings implements Partial<GreeterBase> {
  readonly #greeting = "Hello";

  async sayHello({ name }: HelloRequest, _context: ServerContext): Promise<{ message: string }> {
    return { message: `${this.#greeting} ${name}` };
  }
}

/** A service of which some methods are implemented, as a class. */
export const partialClass: GreeterBase = GreeterBase.partial(new PartialGreetings());

/** A service without a method. */
export const emptyGreetings: GreeterBase = GreeterBase.partial({});

// @ts-expect-error -- there is no such method
GreeterBase.partial({ sayHelo: () => ({}) });

// @ts-expect-error -- the message of a response is a string
GreeterBase.partial({ sayHello: () => ({ message: 1 }) });

// @ts-expect-error -- the class instead of an instance
GreeterBase.partial(PartialGreetings);

export class WrongGreetings implements Partial<GreeterBase> {
  // @ts-expect-error -- the message of a response is a string
  async sayHello(): Promise<{ message: number }> {
    return { message: 1 };
  }
}

/** A stub for tests, whose methods call plain functions. Their types are inferred. */
export const fakeGreeter: GreeterStub = fakeStub(GreeterStub, {
  sayHello: async (request, context) => ({ message: request.name.toUpperCase() + context.method.desc.name }),
  async *listHellos({ name }, context) {
    context.signal.throwIfAborted();
    yield { message: name.toUpperCase() };
  },
  async addHellos(requests) {
    let message = "";
    for await (const { name } of requests) {
      message += name.toUpperCase();
    }
    return { message };
  },
  async *chat(requests) {
    for await (const { name } of requests) {
      yield create(HelloReplySchema, { message: name.toUpperCase() });
    }
  },
});

class FakeGreetings implements FakeMethods<GreeterStub> {
  async sayHello({ name }: HelloRequest): Promise<{ message: string }> {
    return { message: name };
  }
}

/** A stub whose methods call those of an object. */
export const fakeClass: GreeterStub = fakeStub(GreeterStub, new FakeGreetings());

// @ts-expect-error -- there is no such method
fakeStub(GreeterStub, { sayHelo: () => ({}) });

// @ts-expect-error -- the message of a response is a string
fakeStub(GreeterStub, { sayHello: () => ({ message: 1 }) });

// @ts-expect-error -- requests of a stream are iterated
fakeStub(GreeterStub, { addHellos: ({ name }) => ({ message: name }) });

// @ts-expect-error -- responses of a stream are yielded
fakeStub(GreeterStub, { listHellos: async () => ({ message: "" }) });

// @ts-expect-error -- a base instead of a stub
fakeStub(GreeterBase, {});

/** Calls a method of each kind. */
export async function call(channel: Transport): Promise<string> {
  const stub = new GreeterStub(channel);
  const reply: HelloReply = await stub.sayHello({ name: "Ada" }, { timeout: 1_000 });
  let message = reply.message;
  for await (const { message: next } of stub.listHellos({ name: "Ada" })) {
    message += next.toUpperCase();
  }
  const sum = await stub.addHellos([{ name: "Ada" }, { name: "Alan" }]);
  for await (const { message: next } of stub.chat([reply].map(({ message: name }) => ({ name })))) {
    message += next.toUpperCase();
  }
  return message + sum.message;
}

// @ts-expect-error -- three methods are missing
export class Forgetful extends GreeterBase {
  override async sayHello(): Promise<{ message: string }> {
    return { message: "" };
  }
}

export const forgetful: GreeterBase = GreeterBase.of({
  ...greetings,
  // @ts-expect-error -- the method is missing
  chat: undefined,
});

export class Wrong extends Greetings {
  // @ts-expect-error -- the response has a field that the message does not have
  override async sayHello(): Promise<{ text: string }> {
    return { text: "" };
  }

  // @ts-expect-error -- a single response instead of a stream
  override async listHellos(): Promise<{ message: string }> {
    return { message: "" };
  }
}

export const wrong: GreeterBase = GreeterBase.of({
  ...greetings,
  // @ts-expect-error -- the field has another type
  sayHello: () => ({ message: 1 }),
});

/** Calls methods in ways that the types forbid. */
export async function miscall(stub: GreeterStub): Promise<void> {
  // @ts-expect-error -- the request has no such field
  await stub.sayHello({ nick: "Ada" });
  // @ts-expect-error -- a stream of requests instead of a single one
  await stub.sayHello([{ name: "Ada" }]);
  // @ts-expect-error -- a single request instead of a stream
  await stub.addHellos({ name: "Ada" });
  // @ts-expect-error -- the response has no such field
  (await stub.sayHello({ name: "Ada" })).text;
  // @ts-expect-error -- responses are iterated, not awaited
  (await stub.listHellos({ name: "Ada" })).message;
  // @ts-expect-error -- the stub has no such method
  stub.sayGoodbye;
}
