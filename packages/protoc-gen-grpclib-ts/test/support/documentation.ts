import { expect } from "vitest";
import { answer, compile, fixtureRequest, protoPaths } from "./fixtures.js";
import { type Files, workFolder } from "./folders.js";

/** An option that declares an error. */
export const errorSpec = (init: string): string => `option (grpclib.v1.errors) = { status: ABORTED ${init} };`;

/** The documentation in one format of the errors in .proto files. */
export function documentation(format: string, protos: Files): Files {
  const fileToGenerate = Object.keys(protos);
  // Test files run at the same time.
  const folder = workFolder(`documentation-${process.pid}`, protos);
  const protoFile = compile(["-I", folder, ...protoPaths], fileToGenerate);
  const parameter = `target=ts,error_docs=${format}`;
  const { file, error } = answer(fixtureRequest({ parameter, fileToGenerate, protoFile }));
  expect(error).toBe("");
  return Object.fromEntries(
    file.filter(({ name }) => /^(?:.*\/)?ERRORS/.test(name)).map(({ name, content }) => [name, content]),
  );
}
