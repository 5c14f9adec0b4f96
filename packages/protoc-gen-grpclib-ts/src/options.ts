import { InputError, InputErrors } from "./input-error.js";

interface Option {
  readonly accepts: RegExp;
  /** The allowed values, as error messages list them. */
  readonly values: string;
  /** Whether several values can be joined with +. */
  readonly isList?: boolean;
}

const boolean: Option = { accepts: /^(true|1|false|0)$/, values: "true or false" };

/**
 * The standard options of protoplugin. protoplugin also refuses invalid values,
 * but its errors do not say which values are valid.
 */
export const standardOptions: ReadonlyMap<string, Option> = new Map([
  ["target", listOf("ts", "js", "dts")],
  ["import_extension", { accepts: /^(none|\.?js|\.?ts)?$/, values: "none, js or ts" }],
  ["js_import_style", { accepts: /^(module|legacy_commonjs)$/, values: "module or legacy_commonjs" }],
  ["rewrite_imports", { accepts: /:/, values: "<pattern>:<target>, as in ./google/**/*:@example/google" }],
  ["map_imports", { accepts: /^[^:]+:./, values: "<pattern>:<target>, as in google/**/*:@example/google" }],
  ["ts_nocheck", boolean],
  ["elide_plugin_version", boolean],
  ["keep_empty_files", boolean],
  ["bootstrap_wkt", boolean],
]);

/** Options of protoc-gen-es that concern messages only. They are accepted, because both plugins get the same options. */
export const messageOptions: readonly string[] = ["json_types", "valid_types", "erasable_syntax"];

/** A format of the documentation of declared errors. */
export type ErrorDocsFormat = "md" | "json" | "html" | "openapi";

const ownOptions: ReadonlyMap<string, Option> = new Map([
  ["services", { accepts: /^(client|server|both)$/, values: "client, server or both" }],
  ["index_files", boolean],
  ["error_docs", listOf("md", "json", "html", "openapi")],
  ["error_messages", { accepts: /^json$/, values: "json" }],
]);

const options: ReadonlyMap<string, Option> = new Map([
  ...standardOptions,
  ...messageOptions.map((name): [string, Option] => [name, { accepts: /^/, values: "" }]),
  ...ownOptions,
]);

/** The options that have an effect. */
const known = [...standardOptions.keys(), ...ownOptions.keys()];

/** Where users set the options. */
export const location = `the plugin's "opt" in buf.gen.yaml (protoc: --grpclib-ts_opt)`;

/** The options that protoplugin does not know, and that the generated code depends on. */
export interface OwnOptions {
  /** Which side of services is generated: stubs, bases, or both. */
  readonly services: "client" | "server" | "both";
  /** Whether each folder gets a file that exports everything in it. */
  readonly indexFiles: boolean;
  /** Whether protoc-gen-es, which gets the same options, also generates JSON types. */
  readonly jsonTypes: boolean;
  /** Whether it also generates types of valid messages. */
  readonly validTypes: boolean;
}

/** Parses the options that protoplugin does not know. {@link checkOptions} has refused invalid values. */
export function parseOwnOptions(raw: readonly { readonly key: string; readonly value: string }[]): OwnOptions {
  const given: Readonly<Record<string, string>> = Object.fromEntries(raw.map(({ key, value }) => [key, value]));
  return {
    services: (given["services"] ?? "both") as OwnOptions["services"],
    indexFiles: isTrue(given["index_files"]),
    jsonTypes: isTrue(given["json_types"]),
    validTypes: "valid_types" in given,
  };
}

function isTrue(value: string | undefined): boolean {
  return value === "true" || value === "1";
}

/** The formats in which the plugin's parameter asks for documentation of the declared errors, each once. */
export function errorDocsFormats(parameter: string): readonly ErrorDocsFormat[] {
  const values = parameter.split(",").flatMap((option) => /^error_docs=(.*)$/.exec(option)?.[1]?.split("+") ?? []);
  return [...new Set(values)] as ErrorDocsFormat[];
}

/** Whether the plugin's parameter enables the files with the messages of errors. */
export function wantsErrorMessages(parameter: string): boolean {
  return parameter.split(",").includes("error_messages=json");
}

/** Throws an {@link InputError} for the invalid options in the plugin's parameter. */
export function checkOptions(parameter: string): void {
  const errors = new InputErrors();
  let previous = "";
  for (const raw of parameter === "" ? [] : parameter.split(",")) {
    const joined = `${previous}+${raw}`;
    const isFurtherValue = find(raw) === undefined && find(joined)?.isList === true && accepts(joined);
    errors.collect(() => (isFurtherValue ? refuseValue(raw, joined) : checkOption(raw)));
    previous = isFurtherValue ? joined : raw;
  }
  errors.throwIfAny();
}

function checkOption(raw: string): void {
  const option = find(raw);
  if (option === undefined) {
    throw new InputError(`Unknown option "${raw}". Remove it from ${location}, or use one of ${known.join(", ")}.`);
  }
  if (!accepts(raw)) {
    throw new InputError(`Invalid value in option "${raw}". In ${location}, set ${keyOf(raw)} to ${option.values}.`);
  }
}

/** Refuses what was meant as a further value of the option before it. */
function refuseValue(raw: string, joined: string): never {
  throw new InputError(`Unknown option "${raw}". In ${location}, join several values with +, as in ${joined}.`);
}

/** An option that takes these values, which can be joined with +. */
function listOf(...values: readonly string[]): Option {
  const one = `(${values.join("|")})`;
  return {
    accepts: new RegExp(`^${one}(\\+${one})*$`),
    values: `${values.join(", ").replace(/(.*),/, "$1 or")}, or several of them joined with +`,
    isList: true,
  };
}

function find(raw: string): Option | undefined {
  return options.get(keyOf(raw));
}

function accepts(raw: string): boolean {
  return find(raw)?.accepts.test(raw.slice(keyOf(raw).length + 1)) ?? false;
}

function keyOf(raw: string): string {
  return raw.split("=", 1).join();
}
