import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** Prints the URL of each imported module. */
const hooks = `
  import { writeSync } from "node:fs";
  export async function resolve(specifier, context, next) {
    const module = await next(specifier, context);
    writeSync(1, module.url + "\\n");
    return module;
  }
`;

/** The addresses of the modules that an import of the built package loads, in a process of its own. */
function modulesOf(subpath: string): string[] {
  const script = `
    import { register } from "node:module";
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});
    await import("@grpclib-ts/runtime${subpath}");
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: packageFolder,
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return stdout.split("\n").filter((url) => url !== "");
}

const entries: [subpath: string, file: string][] = [
  ["", "dist/index.js"],
  ["/codegen", "dist/codegen.js"],
  ["/error-details", "dist/error-details.js"],
  ["/transport", "dist/transport.js"],
  ["/connect", "dist/connect.js"],
  ["/health", "dist/health.js"],
  ["/reflection", "dist/reflection.js"],
  ["/otel", "dist/otel.js"],
  ["/validate", "dist/validate.js"],
];

test.for(entries)('"@grpclib-ts/runtime%s" loads no Node module', ([subpath, file]) => {
  const modules = modulesOf(subpath);
  expect(modules[0]).toMatch(new RegExp(`/${file}$`));
  expect(modules.filter(isBuiltin)).toEqual([]);
});

/**
 * Loads a subpath and all its imports in a context that has only the language's globals and those
 * protobuf-es needs.
 */
const inBareContext = (subpath: string) => `
  import { readFileSync } from "node:fs";
  import { fileURLToPath } from "node:url";
  import { createContext, SourceTextModule } from "node:vm";
  const context = createContext({ TextDecoder, TextEncoder });
  const modules = new Map();
  const load = (url) => {
    const loaded = modules.get(url) ?? new SourceTextModule(readFileSync(fileURLToPath(url), "utf8"), { identifier: url, context });
    modules.set(url, loaded);
    return loaded;
  };
  const entry = load(import.meta.resolve("@grpclib-ts/runtime${subpath}"));
  await entry.link((specifier, parent) => load(import.meta.resolve(specifier, parent.identifier)));
  await entry.evaluate();
  console.log(Object.keys(entry.namespace).length);
`;

// The API of OpenTelemetry 1.9 is a CommonJS module, which the loader above cannot load.
const loadable = entries.filter(([subpath]) => subpath !== "/otel");

test.for(loadable)('"@grpclib-ts/runtime%s" can be imported where there are no Node globals', ([subpath]) => {
  const flags = ["--experimental-vm-modules", "--experimental-import-meta-resolve", "--no-warnings"];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...flags, "--input-type=module", "--eval", inBareContext(subpath)],
    { cwd: packageFolder, encoding: "utf8" },
  );
  expect(status, stderr).toBe(0);
  expect(Number(stdout)).toBeGreaterThan(0);
});

test('"@grpclib-ts/runtime/node" loads Node modules, which shows that this test detects them', () => {
  expect(modulesOf("/node").filter(isBuiltin)).toContain("node:http2");
});

test('"@grpclib-ts/runtime/node" loads no service and no interceptor of other subpaths', () => {
  expect(modulesOf("/node").filter((url) => /\/dist\/(grpc-js|health|otel|reflection|validate)\//.test(url))).toEqual(
    [],
  );
});

test.for([...entries.map(([subpath]) => subpath), "/node"].filter((subpath) => !/validate|otel|connect/.test(subpath)))(
  '"@grpclib-ts/runtime%s" loads no package but protobuf-es',
  (subpath) => {
    const packages = modulesOf(subpath).flatMap((url) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    expect([...new Set(packages)].filter((name) => name !== "@bufbuild/protobuf")).toEqual([]);
  },
);

test('"@grpclib-ts/runtime/grpc-js" loads grpc-js, and neither the client nor the server over HTTP/2', () => {
  const modules = modulesOf("/grpc-js");
  expect(modules.join()).toContain("/node_modules/@grpc/grpc-js/");
  expect(modules.filter((url) => /runtime\/dist\/(http2|node|wire|server)\//.test(url))).toEqual([]);
});

test('"@grpclib-ts/runtime/validate" loads protovalidate, which shows that this test detects packages', () => {
  expect(modulesOf("/validate").join()).toContain("/node_modules/@bufbuild/protovalidate/");
});

test('"@grpclib-ts/runtime/otel" loads the API of OpenTelemetry, and not an SDK', () => {
  const packages = modulesOf("/otel").flatMap((url) => /.*node_modules\/(@opentelemetry\/[^/]+)/.exec(url)?.[1] ?? []);
  expect([...new Set(packages)]).toEqual(["@opentelemetry/api"]);
});

test("the only dependency that the package needs is its peer dependency @bufbuild/protobuf", () => {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  const isOptional = (name: string) => manifest.peerDependenciesMeta[name]?.optional === true;
  expect(Object.keys(manifest.peerDependencies).filter((name) => !isOptional(name))).toEqual(["@bufbuild/protobuf"]);
  const others = ["dependencies", "optionalDependencies", "bundledDependencies", "bundleDependencies"];
  expect(others.filter((field) => field in manifest)).toEqual([]);
});
