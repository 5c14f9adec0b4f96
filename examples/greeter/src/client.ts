import { Channel } from "@grpclib-ts/runtime/node";
import { GreeterServiceStub } from "./gen/greeter/v1/greeter_grpclib.js";

/** Calls a method of each of the four kinds. */
export async function greet(address: string) {
  await using channel = new Channel(address);
  const greeter = new GreeterServiceStub(channel);

  const { message } = await greeter.sayHello({ name: "Ada" });
  console.log("unary:           ", message);

  for await (const { message } of greeter.listHellos({ name: "Ada" })) console.log("server streaming:", message);

  const sum = await greeter.addHellos([{ name: "Ada" }, { name: "Grace" }]);
  console.log("client streaming:", sum.message);

  for await (const { message } of greeter.chat([{ name: "Ada" }, { name: "Grace" }]))
    console.log("bidi streaming:  ", message);
}
