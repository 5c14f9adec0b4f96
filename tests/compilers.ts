/** The supported versions of TypeScript: the oldest, the last one written in JavaScript, and the newest. */
export const compilers = {
  "5.4": "packages/protoc-gen-grpclib-ts/node_modules/typescript-5.4/bin/tsc",
  "5.9": "packages/protoc-gen-grpclib-ts/node_modules/typescript-5.9/bin/tsc",
  "7": "node_modules/typescript/bin/tsc",
};
