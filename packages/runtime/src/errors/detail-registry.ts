import type { DescFile, DescMessage, DescService, Registry } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { addBrand, hasBrand, isInstance } from "../core/brand.js";
import { processWide } from "../core/process-wide.js";
import { textOf } from "../core/text-of.js";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "../gen/google/rpc/status_pb.js";

/** What a registry can be created from: a message schema, all messages of a file, or a protobuf-es registry. */
export type DetailTypes = DescMessage | DescFile | Registry;

/** Finds the schema of a detail by the full name of its type. */
export type FindDetailSchema = (typeName: string) => DescMessage | undefined;

/**
 * The types that error details are decoded to. A channel or a server with the
 * option `registry` uses that registry instead of the default one, which holds
 * `google.rpc.*` and the types added with {@link registerDetails}.
 */
export class DetailRegistry {
  readonly #schemas = new Map<string, DescMessage>();

  constructor(...types: readonly DetailTypes[]) {
    this.add(...types);
  }

  /** Adds types, also for calls in flight. Of several types with the same name, the last one added is used. */
  add(...types: readonly DetailTypes[]): void {
    for (const schema of messagesOf(types)) this.#schemas.set(schema.typeName, schema);
  }

  /** The schema of a type, by its full name; `undefined` if it is not registered. */
  get(typeName: string): DescMessage | undefined {
    return this.#schemas.get(typeName);
  }

  /** @internal */
  static [Symbol.hasInstance](value: unknown): boolean {
    return this === DetailRegistry ? hasBrand(value, brand) : isInstance(value, this);
  }
}

const brand = addBrand(DetailRegistry, "DetailRegistry");

/**
 * Adds types to the default registry, which all channels and servers of the
 * process use that do not have the option `registry`, also those of other copies
 * of this package. A worker thread has its own default registry.
 */
export function registerDetails(...types: readonly DetailTypes[]): void {
  for (const schema of messagesOf(types)) registered().set(schema.typeName, schema);
}

/**
 * The schema lookup of a call: first the given registry or the default one, then
 * the messages of the service's own file and of the files that it imports.
 */
export function detailSchemas(registry: DetailRegistry | undefined, service: DescService): FindDetailSchema {
  const known = schemasOf(registry);
  return (typeName) => known(typeName) ?? visibleFrom(service.file).get(typeName);
}

/**
 * Checks the option `registry`.
 *
 * @throws TypeError if it is not a registry
 */
export function checkRegistry(registry: DetailRegistry | undefined): DetailRegistry | undefined {
  if (registry === undefined || registry instanceof DetailRegistry) return registry;
  throw new TypeError(`registry takes a DetailRegistry, as in new DetailRegistry(BookSchema), got ${textOf(registry)}`);
}

/** The schema lookup of a registry, or of the default one. */
export function schemasOf(registry: DetailRegistry | undefined): FindDetailSchema {
  return registry === undefined ? findKnown : (typeName) => registry.get(typeName);
}

/** The schema of a type in the default registry; `undefined` if it is not there. */
function findKnown(typeName: string): DescMessage | undefined {
  googleRpc ??= new DetailRegistry(file_google_rpc_error_details, file_google_rpc_status);
  return registered().get(typeName) ?? googleRpc.get(typeName);
}

/**
 * The types added with {@link registerDetails}, through any copy of this package,
 * by their full names. The schemas of protobuf-es 2 are plain objects, which work
 * with every copy of it.
 */
const registered = processWide("details/1", () => new Map<string, DescMessage>());

/** Not among the registered types: each copy of this package has its own, so an older copy cannot replace newer ones. */
let googleRpc: DetailRegistry | undefined;

const visible = new WeakMap<DescFile, DetailRegistry>();

/** The messages of a file and of its imports. Collected when an error first needs them, and then cached. */
function visibleFrom(file: DescFile): DetailRegistry {
  let registry = visible.get(file);
  if (registry === undefined) {
    registry = new DetailRegistry(file, ...importsOf(file));
    visible.set(file, registry);
  }
  return registry;
}

/** The files that a file imports, including the public imports of those. */
function importsOf(file: DescFile): readonly DescFile[] {
  return file.dependencies.flatMap((imported) => [imported, ...publicImportsOf(imported)]);
}

/** The public imports of a file, including their own public imports. */
function publicImportsOf(file: DescFile): readonly DescFile[] {
  return file.proto.publicDependency.flatMap((index) => {
    const imported = file.dependencies[index];
    // Stryker disable next-line all: an index of a public dependency is one of the dependencies
    return imported === undefined ? [] : [imported, ...publicImportsOf(imported)];
  });
}

function* messagesOf(types: readonly DetailTypes[]): Iterable<DescMessage> {
  for (const type of types) {
    for (const desc of type.kind === "message" ? [type] : type.kind === "file" ? nestedTypes(type) : type) {
      if (desc.kind === "message") yield desc;
    }
  }
}
