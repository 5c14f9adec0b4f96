import type { DescFile, DescMessage, DescService, Registry } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { file_google_rpc_error_details } from "../gen/google/rpc/error_details_pb.js";

/** What can be put into a registry: a message schema, all messages of a file, or a protobuf-es registry. */
export type DetailTypes = DescMessage | DescFile | Registry;

/** Finds the schema of a detail by the full name of its type. */
export type FindDetailSchema = (typeName: string) => DescMessage | undefined;

/**
 * The types that error details are decoded to. A channel or a server that is
 * given one uses it in place of the default one, which holds `google.rpc.*` and
 * what {@link registerDetails} added.
 */
export class DetailRegistry {
  readonly #schemas = new Map<string, DescMessage>();

  constructor(...types: readonly DetailTypes[]) {
    this.add(...types);
  }

  /** Adds types; calls that are under way see them too. */
  add(...types: readonly DetailTypes[]): void {
    for (const type of types) {
      for (const schema of messagesOf(type)) this.#schemas.set(schema.typeName, schema);
    }
  }

  /** The schema of a type, by its full name. */
  get(typeName: string): DescMessage | undefined {
    return this.#schemas.get(typeName);
  }
}

/**
 * Adds types to the default registry, for all channels and servers of the
 * process that have no `registry` option.
 */
export function registerDetails(...types: readonly DetailTypes[]): void {
  defaultRegistry().add(...types);
}

/**
 * The lookup of a call: the given registry or else the default one, and after
 * it the messages of the service's own file and of the files that it imports.
 */
export function detailSchemas(registry: DetailRegistry | undefined, service: DescService): FindDetailSchema {
  return (typeName) => (registry ?? defaultRegistry()).get(typeName) ?? visibleFrom(service.file).get(typeName);
}

/** The schema of a type that the default registry knows. */
export function knownDetailSchema(typeName: string): DescMessage | undefined {
  return defaultRegistry().get(typeName);
}

let shared: DetailRegistry | undefined;

function defaultRegistry(): DetailRegistry {
  shared ??= new DetailRegistry(file_google_rpc_error_details);
  return shared;
}

const visible = new WeakMap<DescFile, DetailRegistry>();

/** The messages of a file and of its imports, made when an error first needs them. */
function visibleFrom(file: DescFile): DetailRegistry {
  let registry = visible.get(file);
  if (registry === undefined) {
    registry = new DetailRegistry(file, ...importsOf(file));
    visible.set(file, registry);
  }
  return registry;
}

/** The files that a file imports. */
function importsOf(file: DescFile): readonly DescFile[] {
  return file.dependencies.flatMap((imported) => [imported, ...publicImportsOf(imported)]);
}

/** What a file passes on to those who import it. */
function publicImportsOf(file: DescFile): readonly DescFile[] {
  return file.proto.publicDependency.flatMap((index) => {
    const passedOn = file.dependencies[index];
    return passedOn === undefined ? [] : [passedOn, ...publicImportsOf(passedOn)];
  });
}

function* messagesOf(type: DetailTypes): Iterable<DescMessage> {
  if (type.kind === "message") {
    yield type;
    return;
  }
  for (const desc of type.kind === "file" ? nestedTypes(type) : type) {
    if (desc.kind === "message") yield desc;
  }
}
