import { GreeterServiceBase } from "./gen/greeter/v1/greeter_grpclib.js";
import type { HelloRequest } from "./gen/greeter/v1/greeter_pb.js";

/** Has a method of each of the four kinds. A handler returns one response or yields any number of them. */
export class Greeter extends GreeterServiceBase {
  override async sayHello({ name }: HelloRequest) {
    return { message: `Hello, ${name}!` };
  }

  override async *listHellos({ name }: HelloRequest) {
    for (const hello of ["Hello", "Bonjour", "こんにちは"]) yield { message: `${hello}, ${name}!` };
  }

  override async addHellos(requests: AsyncIterable<HelloRequest>) {
    const names: string[] = [];
    for await (const { name } of requests) names.push(name);
    return { message: `Hello, ${names.join(" and ")}!` };
  }

  override async *chat(requests: AsyncIterable<HelloRequest>) {
    for await (const { name } of requests) yield { message: `Hello, ${name}!` };
  }
}
