import type { DescService } from "@bufbuild/protobuf";
import { textOf } from "../core/text-of.js";

/** The name of a service. @throws TypeError for what is not a name or a descriptor, such as an instance of the service */
export function serviceName(service: string | DescService): string {
  const name: unknown = typeof service === "string" ? service : Object(service).typeName;
  if (typeof name === "string") return name;
  const advice = "$service" in Object(service) ? ". Pass its $service." : "";
  throw new TypeError(`A service is given by its full name or its descriptor, got ${textOf(service)}${advice}`);
}
