import { type DescFile, type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { type ErrorSpec, errors, ServiceErrorsSchema, service_errors } from "../gen/grpclib/v1/errors_pb.js";
import { InputErrors } from "../input-error.js";
import type { ContractError, ValidityRule } from "./contract-error.js";
import type { DeclaredDetail, DeclaredError } from "./declared-error.js";
import { translationKey } from "./message.js";
import { messageRefusals, textRefusals } from "./message-refusals.js";
import { type Path, type Place, type Places, placesIn } from "./places.js";
import { detailRefusals, pairRefusals, type Refusal, specRefusals, statusOf } from "./refusals.js";
import { createResolve, type Resolve } from "./resolve.js";

/** The errors that a service declares. */
export interface Contracts {
  /** The errors that the service declares for all of its methods. */
  readonly shared: readonly DeclaredError[];
  /** The errors of each method: its own, then the shared ones. Methods without errors are omitted. */
  readonly methods: ReadonlyMap<DescMethod, readonly DeclaredError[]>;
}

/** The valid errors that a service declares, and the faults of the others. */
export interface ExaminedContracts extends Contracts {
  readonly faults: InputErrors;
}

/**
 * Reads and checks the options of a service and its methods.
 *
 * @throws {@link InputError} with a line for each invalid one, which begins with its location
 */
export function readContracts(service: DescService, allFiles: readonly DescFile[]): Contracts {
  const { faults, ...contracts } = examineContracts(service, allFiles);
  faults.throwIfAny();
  return contracts;
}

/** Like {@link readContracts}, but leaves out invalid errors, and returns their faults instead of throwing them. */
export function examineContracts(service: DescService, allFiles: readonly DescFile[]): ExaminedContracts {
  const faults = new InputErrors();
  const own = service.methods.map((method) => ({ method, specs: getOption(method, errors) }));
  const common = getOption(service, service_errors);
  if (common.errors.length === 0 && own.every(({ specs }) => specs.length === 0)) {
    return { shared: [], methods: new Map(), faults };
  }
  const { file } = service;
  const servicePath = [6, file.proto.service.indexOf(service.proto)];
  const reader: Reader = {
    file: file.proto.name,
    domain: common.domain === "" ? service.typeName : common.domain,
    places: placesIn(file),
    resolve: createResolve(file, allFiles),
    texts: new Map(),
    faults,
  };
  const listPath = [...servicePath, 3, service_errors.number, ServiceErrorsSchema.field.errors.number];
  const shared = readList(common.errors, { listPath, earlier: [] }, reader);
  const contracts = own.map(({ method, specs }, i): [DescMethod, readonly DeclaredError[]] => {
    const listPath = [...servicePath, 2, i, 4, errors.number];
    return [method, [...readList(specs, { listPath, earlier: shared }, reader), ...shared]];
  });
  return { shared, methods: new Map(contracts.filter(([, declared]) => declared.length > 0)), faults };
}

/** The context for reading the options of a service. */
interface Reader {
  /** The name of the file. */
  readonly file: string;
  readonly domain: string;
  readonly places: Places;
  readonly resolve: Resolve;
  /** The first error with a message for each reason and domain. */
  readonly texts: Map<string, DeclaredError>;
  /** The faults so far. */
  readonly faults: InputErrors;
}

interface List {
  readonly listPath: Path;
  /** The errors that the same methods share, which this list must not repeat. */
  readonly earlier: readonly DeclaredError[];
}

function readList(specs: readonly ErrorSpec[], { listPath, earlier }: List, reader: Reader): DeclaredError[] {
  const list: DeclaredError[] = [];
  for (const [i, spec] of specs.entries()) {
    const path = [...listPath, i];
    const { places } = reader;
    const fault: Fault = (problem, rule) => places.fault(path, problem, rule);
    reader.faults.collect(() => {
      const error = readSpec(spec, { ...reader, comment: places.comment(path), place: places.place(path), fault });
      for (const other of [...earlier, ...list]) {
        check(pairRefusals, { error, earlier: other, isShared: earlier.includes(other) }, fault);
      }
      checkText(error, reader.texts, fault);
      list.push(error);
    });
  }
  return list;
}

/** Throws an {@link InputError} if an earlier error with the same translations has another message. */
function checkText(error: DeclaredError, texts: Map<string, DeclaredError>, fault: Fault): void {
  if (error.message === "" || error.reason === "") {
    return;
  }
  const key = translationKey(error);
  const earlier = texts.get(key) ?? error;
  texts.set(key, earlier);
  check(textRefusals, { error, earlier }, fault);
}

/** Creates the error to throw for an invalid option. */
type Fault = (problem: string, rule?: ValidityRule) => ContractError;

interface SpecContext extends Reader {
  readonly comment: string;
  readonly place: Place;
  readonly fault: Fault;
}

/** Throws an {@link InputError} if the option is invalid. If several of its details are, the error has a line for each. */
function readSpec(spec: ErrorSpec, { comment, place, domain, resolve, file, fault }: SpecContext): DeclaredError {
  const status = statusOf(spec) ?? "";
  const kind = spec.name || spec.reason || status;
  check(specRefusals, { spec, kind }, fault);
  check(messageRefusals, { spec, kind }, fault);
  const all: DeclaredDetail[] = [];
  const faults = new InputErrors();
  for (const name of [...spec.details, ...spec.optionalDetails]) {
    faults.collect(() => {
      const type = resolve(name);
      if (type === undefined) {
        const problem = `${kind} has the detail "${name}", but ${file} and its imports have no such message.`;
        throw fault(`${problem} ${resolve.advise(name)}`);
      }
      const detail = { property: propertyOf(type.typeName), type };
      check(detailRefusals, { kind, detail, earlier: all }, fault);
      all.push(detail);
    });
  }
  faults.throwIfAny();
  return {
    kind,
    status,
    reason: spec.reason,
    domain: spec.domain || domain,
    metadata: spec.metadata,
    details: all.slice(0, spec.details.length),
    optionalDetails: all.slice(spec.details.length),
    retryable: spec.retryable,
    message: spec.message,
    localize: spec.localize,
    comment,
    place,
  };
}

function check<T>(refusals: readonly Refusal<T>[], subject: T, fault: Fault): void {
  const refusal = refusals.find(({ applies }) => applies(subject));
  if (refusal !== undefined) {
    throw fault(refusal.say(subject), refusal.rule);
  }
}

/** `bookCheckedOut` for `library.v1.BookCheckedOut`. */
function propertyOf(typeName: string): string {
  const name = typeName.slice(typeName.lastIndexOf(".") + 1);
  return name.charAt(0).toLowerCase() + name.slice(1);
}
