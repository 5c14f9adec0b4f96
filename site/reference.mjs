import { Comment, CommentTag, Converter, ReflectionKind } from "typedoc";

/** The subpaths of the runtime by the names of their files, in the order of the sidebar. */
export const subpaths = {
  index: "@grpclib-ts/runtime",
  node: "@grpclib-ts/runtime/node",
  "error-details": "@grpclib-ts/runtime/error-details",
  health: "@grpclib-ts/runtime/health",
  reflection: "@grpclib-ts/runtime/reflection",
  testing: "@grpclib-ts/runtime/testing",
  otel: "@grpclib-ts/runtime/otel",
  validate: "@grpclib-ts/runtime/validate",
  "grpc-js": "@grpclib-ts/runtime/grpc-js",
  connect: "@grpclib-ts/runtime/connect",
  transport: "@grpclib-ts/runtime/transport",
  codegen: "@grpclib-ts/runtime/codegen",
};

/** The groups of exports by the room that defines them, in the order of the sidebar. */
export const groups = {
  client: "Calling methods",
  server: "Serving methods",
  validate: "Serving methods",
  health: "Operating",
  reflection: "Operating",
  testing: "Testing",
  otel: "Operating",
  errors: "Errors",
  core: "Statuses, metadata, deadlines",
  transport: "Transports",
  flow: "Transports",
  node: "Channel and server",
  http2: "Channel and server",
  "grpc-js": "Calling methods",
  connect: "Connect",
};

/** Plugin for TypeDoc: names modules as programs import them, and groups exports by the rooms of the runtime. */
export function arrangeReference({ converter }) {
  converter.on(Converter.EVENT_CREATE_DECLARATION, (_, reflection) => {
    if (reflection.kind === ReflectionKind.Module) reflection.name = subpaths[reflection.name];
  });
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    hideInternalBases(project);
    for (const module of project.children) {
      tag(module, "@group", "API reference");
      tag(module, "@sortStrategy", "kind, alphabetical");
      for (const reflection of module.children) {
        const group = groups[roomOf(reflection, project)];
        if (group !== undefined) tag(reflection, "@group", group);
      }
    }
  });
}

/** The room that defines an export. The messages of google.rpc are in no room; TypeDoc groups them by their kind. */
function roomOf(reflection, project) {
  const definition = reflection.isReference() ? reflection.getTargetReflectionDeep() : reflection;
  return /runtime\/src\/(\w+)\//.exec(project.getSymbolIdFromReflection(definition).fileName)?.[1];
}

/** Adds a tag to a doc comment. That of a function belongs to its signature, and an export from elsewhere has none. */
function tag(reflection, name, text) {
  if (reflection.isReference()) reflection.comment ??= new Comment();
  // A missing comment stays missing, so that TypeDoc reports it.
  const comment = reflection.comment ?? reflection.signatures?.[0].comment;
  comment?.blockTags.push(new CommentTag(name, [{ kind: "text", text }]));
}

/** Removes bases that are not exported, such as `Http2ServerOptions`. Their properties appear as the type's own. */
function hideInternalBases(project) {
  const isVisible = (base) => base.reflection !== undefined || base.package !== subpaths.index;
  for (const reflection of Object.values(project.reflections)) {
    const bases = reflection.extendedTypes?.filter(isVisible) ?? [];
    reflection.extendedTypes = bases.length > 0 ? bases : undefined;
  }
}
