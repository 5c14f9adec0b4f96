import { createRegistry } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ProtocolError, Status } from "../../src/index.js";
import { type ValidateOptions, validate } from "../../src/validate.js";
import { FaultyServiceBase, FaultyServiceStub } from "../gen/rules/v1/faulty_grpclib.js";
import { FailingService, FaultyService } from "../gen/rules/v1/faulty_pb.js";
import { file_rules_v1_faulty_predefined } from "../gen/rules/v1/faulty_predefined_pb.js";
import { RulesServiceBase } from "../gen/rules/v1/rules_grpclib.js";
import { RulesService } from "../gen/rules/v1/rules_pb.js";
import { openChannel, rejection, startServer } from "../harness.js";
import { startChecked, violationsIn } from "./servers.js";

const faulty = () => FaultyServiceBase.of({ find: async () => ({}), search: async () => ({}) });

/** What the function throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}

describe("expressions that cannot be compiled", () => {
  const places = [
    "rules.v1.Filter",
    "rules.v1.Filter",
    "rules.v1.Filter.text",
    "rules.v1.Filter.words",
    "rules.v1.Filter.labels",
  ];

  test.for<[name: string, services: ValidateOptions["services"]]>([
    ["a service", [faulty()]],
    ["a descriptor", [FaultyService]],
  ])("are all listed at start, for %s", ([, services]) => {
    const error = thrownBy(() => validate({ services }));
    expect(error).toBeInstanceOf(ProtocolError);
    const lines = (error as Error).message.split("\n");
    expect(lines[0]).toBe("Rules for requests cannot be compiled:");
    expect(lines.slice(1).map((line) => line.split(": ")[0])).toEqual([...places, "rules.v1.Filter.labels"]);
    expect(lines[1]).toMatch(/failed to compile filter\.message/);
  });
});

describe("rules that fail", () => {
  const startWith = (method: "Alone" | "Typed" | "Depend", options: Partial<ValidateOptions> = {}) => {
    const methods = FailingService.methods.filter(({ name }) => name === method);
    return validate({ services: [{ ...FailingService, methods }], ...options });
  };
  const faultsOf = (...args: Parameters<typeof startWith>) =>
    (thrownBy(() => startWith(...args)) as ProtocolError).message.split("\n").slice(1);

  test("for every value are all listed at start", () => {
    expect(faultsOf("Alone")).toEqual([
      "rules.v1.AloneRequest: unbound function: nofn",
      "rules.v1.AloneRequest: unbound function: nofn",
      "rules.v1.AloneRequest.text: error parsing regexp: missing closing ): `(`",
      "rules.v1.AloneRequest.chunks: error parsing regexp: missing closing ]: `[`",
      "rules.v1.AloneRequest.labels: expression alone.key outputs bigint, wanted either bool or string",
      "rules.v1.AloneRequest.labels: error parsing regexp: missing argument to repetition operator: `*`",
      "rules.v1.AloneRequest.words: expression [this] outputs object, wanted either bool or string",
    ]);
  });

  test("because of the type of a field are listed at start, once each", () => {
    expect(faultsOf("Typed")).toEqual([
      "rules.v1.TypedRequest: expression typed.count outputs bigint, wanted either bool or string",
      "rules.v1.Typed: expression typed.even outputs bigint, wanted either bool or string",
    ]);
  });

  test("for the empty request only are not reported", () => {
    expect(startWith("Depend")).toBeTypeOf("function");
  });

  test("because of a regular expression are those of the option regexMatch", () => {
    const regexMatch = (pattern: string, text: string) => new RegExp(pattern, "u").test(text);
    expect(faultsOf("Alone", { regexMatch })).toContain(
      "rules.v1.AloneRequest.text: Invalid regular expression: /(/u: Unterminated group",
    );
    const lenient = faultsOf("Alone", { regexMatch: () => true });
    expect(lenient.filter((fault) => fault.includes("regular expression"))).toEqual([]);
    expect(lenient).toHaveLength(4);
  });
});

test("predefined rules in the option registry are compiled, too", () => {
  const registry = createRegistry(file_rules_v1_faulty_predefined);
  expect(thrownBy(() => validate({ services: [RulesService], registry }))).toMatchObject({
    message: expect.stringMatching(/\nrules\.v1\.faulty: failed to compile string\.faulty/),
  });
});

test("rules for another type of field are found at start", () => {
  const search = { ...FaultyService, methods: FaultyService.methods.filter(({ name }) => name === "Search") };
  expect(thrownBy(() => validate({ services: [search] }))).toMatchObject({
    message: expect.stringMatching(/rules\.v1\.SearchRequest: expected rule "string", got "int32"/),
  });
});

test("rules of a service that is not listed are compiled when it is called", async () => {
  const interceptors = [validate({ services: [] })];
  const { address, reports } = await startServer({}, { services: [faulty()], interceptors });
  const stub = new FaultyServiceStub(openChannel(address));
  const causes = new Set();
  for (let count = 0; count < 2; count++) {
    expect(await rejection(stub.find({}))).toMatchObject({ status: Status.INTERNAL });
    const errors = reports.take().map(({ error }) => error as Error);
    expect(errors.map(({ message }) => message)).toEqual(["The rules of rules.v1.FindRequest have failed"]);
    causes.add(errors[0]?.cause);
  }
  // Once: compiling takes long.
  expect([...causes]).toEqual([
    expect.objectContaining({
      message: expect.stringMatching(/^Rules for requests cannot be compiled:\nrules\.v1\.Filter: /),
    }),
  ]);
});

test("requests of a service that is not listed are checked", async () => {
  const { stub } = await startChecked({ services: [] });
  const error = await rejection(stub.check({ predefined: { slug: "A B", multiple: 3 } }));
  expect(violationsIn(error)).toEqual([["predefined.slug", "string.slug", "must be a slug"]]);
});

describe("options", () => {
  test("a base is a service, too", () => {
    // @ts-expect-error instances are services
    expect(validate({ services: [RulesServiceBase] })).toBeTypeOf("function");
  });

  const hostile: Record<string, [options: unknown, message: RegExp]> = {
    nothing: [undefined, /^validate\(\) takes options: use validate\(\{ services/],
    "a list": [[RulesService], /validate\(\) has no option "0"\. It has services, /],
    "a misspelt option": [{ service: [] }, /^validate\(\) has no option "service"\. It has services, registry, /],
    "no services": [{}, /^The option services takes a list of services: use validate/],
    "one service": [{ services: RulesService }, /^The option services takes a list/],
    null: [{ services: [RulesService, null] }, /^services\[1\] is neither a service nor the descriptor of one/],
    "a number": [{ services: [1] }, /^services\[0\] is neither/],
    "another object": [{ services: [{ $service: {} }] }, /^services\[0\] is neither/],
  };

  test.for(Object.keys(hostile))("%s is refused", (name) => {
    const [options, message] = hostile[name] ?? [];
    const error = thrownBy(() => validate(options as ValidateOptions));
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toMatch(message as RegExp);
  });
});
