import fc from "fast-check";
import type { Files } from "./folders.js";
import { names, unusable } from "./random-names.js";

const syntaxes = ['syntax = "proto2"', 'syntax = "proto3"', 'edition = "2023"', 'edition = "2024"'];
const folders = ["", "x/", "class/", "a-b/c.d/", "p1/", "p1/v1/"];
const statuses = ["NOT_FOUND", "ABORTED", "UNAVAILABLE", "DATA_LOSS", "INVALID_ARGUMENT"];
const comments = ["A book.", "*/ } ] `$` \\u0041 \\", "@deprecated {@link Book} <b> & \u2028 \u{1F600}", "/* /** ***/"];

/** The names of details that error contracts refuse, because the data of an error has other members of these names. */
const refusedDetails = /\.(?:metadata|errorInfo|__proto__)$/i;

interface Message {
  readonly fullName: string;
  readonly file: string;
}

/** A file that is being written. */
interface Draft {
  readonly name: string;
  readonly syntax: string;
  /** The names that are taken in its package. */
  readonly taken: Set<string>;
  readonly imports: Set<string>;
  /** The messages that it can use: its own, and those of earlier files. */
  readonly visible: Message[];
}

/** Creates random .proto files that compile together. The same seed creates the same files. */
export function randomProtos(seed: number, packages: number): Files {
  const random = new Random(seed);
  const files: Record<string, string> = {};
  const roots = Array.from({ length: packages }, (_, i) => `p${i}`);
  let visible: Message[] = [];
  for (const root of roots) {
    const isUnnamed = root === "p0" && random.oneIn(2);
    const packageName = isUnnamed ? "" : [root, ...random.list(2, () => random.pick(names))].join(".");
    const taken = new Set([...unusable, ...roots]);
    for (const _ of random.list(2, () => 0)) {
      const name = random.fileName(Object.keys(files));
      const draft = { name, syntax: random.pick(syntaxes), taken, imports: new Set<string>(), visible: [...visible] };
      files[name] = random.file(packageName, draft);
      visible = draft.visible;
    }
  }
  return files;
}

class Random {
  readonly #generate: fc.GeneratorValue;

  constructor(seed: number) {
    [this.#generate] = fc.sample(fc.gen(), { seed, numRuns: 1 }) as [fc.GeneratorValue];
  }

  upTo(max: number): number {
    return this.#generate(fc.nat, { max });
  }

  oneIn(number: number): boolean {
    return this.upTo(number - 1) === 0;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.upTo(list.length - 1)] as T;
  }

  /** Up to `max` elements, and rarely none. */
  list<T>(max: number, create: () => T): T[] {
    return Array.from({ length: this.oneIn(8) ? 0 : 1 + this.upTo(max - 1) }, create);
  }

  /** A name that is not taken. Takes it. */
  name(taken: Set<string>): string {
    let name = this.pick(names);
    while (taken.has(name)) {
      name = this.oneIn(2) ? `${name}_${this.upTo(9)}` : this.pick(names) + this.pick(names);
    }
    taken.add(name);
    return name;
  }

  fileName(others: readonly string[]): string {
    const taken = new Set(others.map((name) => name.toLowerCase()));
    const folder = this.pick(folders);
    let name = `${folder}${this.pick(names)}.proto`;
    while (taken.has(name.toLowerCase())) {
      name = `${folder}${this.pick(["index", "a-b", "a.b", "x_pb", "x_grpclib"])}${this.upTo(99)}.proto`;
    }
    return name;
  }

  file(packageName: string, draft: Draft): string {
    const scope = packageName === "" ? "." : `.${packageName}.`;
    const messages = this.list(4, () => this.message(this.name(draft.taken), { scope, depth: 2 }, draft));
    const services = draft.visible.length === 0 ? [] : this.list(3, () => this.service(draft));
    return [
      `${draft.syntax};`,
      packageName === "" ? "" : `package ${packageName};`,
      ...[...draft.imports, "grpclib/v1/errors.proto"].map((name) => `import "${name}";`),
      draft.syntax.includes("2024") ? "option features.enforce_naming_style = STYLE_LEGACY;" : "",
      ...messages,
      ...services,
    ].join("\n");
  }

  message(name: string, { scope, depth }: { scope: string; depth: number }, draft: Draft): string {
    const fullName = scope + name;
    const taken = new Set([name]);
    const declare = (fullName: string): number => draft.visible.push({ fullName, file: draft.name });
    const nested = depth === 0 ? [] : this.list(2, () => this.name(taken));
    const members = nested.map((inner) => this.message(inner, { scope: `${fullName}.`, depth: depth - 1 }, draft));
    if (draft.syntax.includes("proto2") && this.oneIn(2)) {
      members.push("optional group Grp$ = 1 { optional int32 a = 1; }".replace("$", String(depth)));
      declare(`${fullName}.Grp${depth}`);
    }
    if (draft.syntax.includes("2023")) {
      members.push(`${fullName} own_${depth} = 2 [features.message_encoding = DELIMITED];`);
    }
    const label = draft.syntax.includes("proto2") ? "optional " : "";
    members.push(`${label}int32 ${this.name(taken)} = 3;`);
    declare(fullName);
    return `${this.comment()}${draft.syntax.includes("2024") ? "export " : ""}message ${name} { ${members.join(" ")} }`;
  }

  service(draft: Draft): string {
    const taken = new Set<string>();
    const shared = this.oneIn(4) ? this.list(2, () => this.reason()) : [];
    const options = [...new Set(shared)].map((reason) => this.error("service_errors).errors", reason, draft));
    const methods = this.list(8, () => this.method(this.name(taken), new Set(shared), draft));
    return `${this.comment()}service ${this.name(draft.taken)} { ${[...options, ...methods].join("\n")} }`;
  }

  method(name: string, shared: ReadonlySet<string>, draft: Draft): string {
    const reasons = this.oneIn(2) ? this.list(3, () => this.reason()).filter((reason) => !shared.has(reason)) : [];
    const options = [
      ...[...new Set(reasons)].map((reason) => this.error("errors)", reason, draft)),
      ...["deprecated = true", "idempotency_level = NO_SIDE_EFFECTS"]
        .filter(() => this.oneIn(6))
        .map((option) => `option ${option};`),
    ];
    const type = (): string => (this.oneIn(3) ? "stream " : "") + this.use(draft.visible, draft);
    return `${this.comment()}rpc ${name}(${type()}) returns (${type()}) { ${options.join(" ")} }`;
  }

  reason(): string {
    return `${this.pick(["GET", "PUT", "BOOK"])}_${this.pick(["FAILED", "ALL", "IS"])}`;
  }

  error(option: string, reason: string, draft: Draft): string {
    const details = draft.visible.filter(({ fullName }) => !refusedDetails.test(fullName));
    const [metadata, detail, retryable] = [this.oneIn(2), details.length > 0 && this.oneIn(2), this.oneIn(4)];
    const fields = [
      `status: ${this.pick(statuses)} reason: "${reason}"`,
      metadata ? `metadata: "${this.pick(["bookName", "constructor", "class"])}"` : "",
      detail ? `${this.pick(["details", "optional_details"])}: "${this.use(details, draft)}"` : "",
      retryable ? "retryable: true" : "",
    ];
    return `${this.comment()}option (grpclib.v1.${option} = { ${fields.join(" ")} };`;
  }

  /** The name of one of the messages, whose file is imported. */
  use(messages: readonly Message[], draft: Draft): string {
    const { fullName, file } = this.pick(messages);
    if (file !== draft.name) draft.imports.add(file);
    return fullName;
  }

  comment(): string {
    return this.oneIn(3) ? `// ${this.pick(comments)}\n` : "";
  }
}
