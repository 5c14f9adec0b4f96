import {
  create,
  createRegistry,
  type DescFile,
  type DescMessage,
  type Message,
  type Registry,
  toBinary,
} from "@bufbuild/protobuf";
import { createValidator, type ValidationResult, type Validator } from "@bufbuild/protovalidate";
import { ProtocolError } from "../index.js";
import { faultsIn } from "./faults.js";
import type { ValidateOptions } from "./options.js";

/**
 * The size of the largest request whose violations are all collected, in bytes. A
 * request of 4 MiB can have two million, which take 1.5 s and 250 MB. With 256 KiB
 * it is 0.1 s.
 */
const MAX_BYTES = 256 * 1024;

/** What the check of a request has found. `complete` says whether it has looked for all violations. */
export type CheckResult = ValidationResult & { readonly complete: boolean };

/** Checks requests of some types, whose rules it has compiled. */
export class RequestChecker {
  /** Stops at the first violation. */
  readonly #first: Validator;
  readonly #all: Validator;

  /** @throws ProtocolError if rules cannot be compiled */
  constructor(requests: readonly DescMessage[], options: ValidateOptions) {
    const registry = registryOf(requests, options.registry);
    this.#first = createValidator({ ...options, registry, failFast: true });
    this.#all = options.failFast ? this.#first : createValidator({ ...options, registry });
    const faults = faultsIn([...requests], registry, this.#all, createValidator(options));
    if (faults.length > 0) throw new ProtocolError(`Rules for requests cannot be compiled:\n${faults.join("\n")}`);
    // Compiles the rules again, so that the first request does not wait for that.
    for (const request of requests) this.#first.validate(request, create(request));
  }

  /** Looks for the first violation, and lists all of them only if the request is not large. */
  check(schema: DescMessage, request: Message): CheckResult {
    const first = this.#first.validate(schema, request);
    if (first.kind !== "invalid") return { ...first, complete: true };
    if (this.#all === this.#first || toBinary(schema, request).length > MAX_BYTES) return { ...first, complete: false };
    return { ...this.#all.validate(schema, request), complete: true };
  }
}

/** The types in the files of requests, and in all that those import: predefined rules may be anywhere. */
function registryOf(requests: readonly DescMessage[], given: Registry | undefined): Registry {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(add);
  };
  for (const { file } of requests) add(file);
  return createRegistry(...files, ...(given === undefined ? [] : [given]));
}
