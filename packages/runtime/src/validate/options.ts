import type { DescService } from "@bufbuild/protobuf";
import type { ValidatorOptions } from "@bufbuild/protovalidate";
import type { Service } from "../index.js";

/** Options of `validate()`. All but `services` are those of `createValidator()` of protovalidate. */
export interface ValidateOptions
  extends Pick<ValidatorOptions, "registry" | "failFast" | "regexMatch" | "legacyRequired"> {
  /**
   * The services whose rules are compiled at once: the list that the server gets, or
   * descriptors such as `LibraryService` of `library_pb.js`. Requests of other
   * services are checked too, but mistakes in their rules only show when they are called.
   */
  readonly services: readonly (Service | DescService)[];
}

const names: Readonly<Record<keyof ValidateOptions, true>> = {
  services: true,
  registry: true,
  failFast: true,
  regexMatch: true,
  legacyRequired: true,
};

/**
 * The descriptors of the services in the options.
 *
 * @throws TypeError for an option that does not exist, or if `services` is not a list of services
 */
export function servicesIn(options: ValidateOptions): readonly DescService[] {
  if (Object(options) !== options) throw new TypeError(`validate() takes options: ${example}`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (unknown !== undefined) {
    throw new TypeError(
      `validate() has no option ${JSON.stringify(unknown)}. It has ${Object.keys(names).join(", ")}.`,
    );
  }
  const { services } = options;
  if (!Array.isArray(services)) throw new TypeError(`The option services takes a list of services: ${example}`);
  return services.map(descriptorOf);
}

/** Also takes a generated base: its instances have the descriptor in their prototype. */
function descriptorOf(service: unknown, index: number): DescService {
  const { $service = service } = Object(service);
  const prototype = Object(Object(service).prototype);
  const descriptor = prototype.$service ?? $service;
  if (Object(descriptor).kind === "service") return descriptor;
  throw new TypeError(`services[${index}] is neither a service nor the descriptor of one: ${example}`);
}

const example = "use validate({ services: [new Library()] }), with the services of the server.";
