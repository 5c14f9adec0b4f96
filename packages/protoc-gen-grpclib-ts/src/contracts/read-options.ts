import type { DescFile } from "@bufbuild/protobuf";
import type { ErrorSpec } from "../gen/grpclib/v1/errors_pb.js";
import { InputErrors } from "../input-error.js";
import { remember } from "../remember.js";
import type { ContractError, ValidityRule } from "./contract-error.js";
import type { DeclaredDetail, DeclaredError, SharedBy } from "./declared-error.js";
import { translationKey } from "./message.js";
import { messageRefusals, textRefusals } from "./message-refusals.js";
import { type Path, type Place, type Places, placesIn } from "./places.js";
import { detailRefusals, kindOf, pairRefusals, type Refusal, specRefusals, statusOf } from "./refusals.js";
import { createResolve, type Resolve } from "./resolve.js";
import { sharedRefusals, useRefusals } from "./shared-refusals.js";

/** The context for reading the options of a file or of a service. */
export interface Reader {
  /** The name of the file. */
  readonly file: string;
  readonly domain: string;
  readonly places: Places;
  readonly resolve: Resolve;
  /** The first error of the file with a message for each reason and domain. */
  readonly texts: Map<string, DeclaredError>;
  /** The shared errors that the options declare; `undefined` for the options of a service. */
  readonly sharedBy: SharedBy | undefined;
  /** Reads the shared error that an option uses. `undefined` for options that declare shared errors. */
  readonly readUsed: ((spec: ErrorSpec, fault: Fault) => DeclaredError) | undefined;
  /** The faults so far. */
  readonly faults: InputErrors;
}

/** Creates a {@link Reader} that has read nothing yet. */
export function createReader(
  { desc, allFiles }: { readonly desc: DescFile; readonly allFiles: readonly DescFile[] },
  options: Pick<Reader, "domain" | "sharedBy" | "readUsed">,
): Reader {
  const resolve = createResolve(desc, allFiles);
  return {
    file: desc.proto.name,
    places: placesIn(desc),
    resolve,
    texts: textsIn(desc),
    faults: new InputErrors(),
    ...options,
  };
}

/** The messages of a file, whose services can have the same domain. Starts empty. */
const textsIn = remember((_file: DescFile) => new Map<string, DeclaredError>());

interface List {
  readonly listPath: Path;
  /** The errors that the same methods share, which this list must not repeat. */
  readonly earlier: readonly DeclaredError[];
}

/** Reads and checks the options of one declaration. Leaves out invalid ones, and adds their faults to the reader's. */
export function readList(specs: readonly ErrorSpec[], { listPath, earlier }: List, reader: Reader): DeclaredError[] {
  const list: DeclaredError[] = [];
  for (const [i, spec] of specs.entries()) {
    const path = [...listPath, i];
    const { places } = reader;
    const fault: Fault = (problem, rule) => places.fault(path, problem, rule);
    reader.faults.collect(() => {
      const error = readSpec(spec, { ...reader, comment: places.comment(path), place: places.place(path), fault });
      for (const other of [...earlier, ...list]) {
        check(pairRefusals, { error, earlier: other, isCommon: earlier.includes(other) }, fault);
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
export type Fault = (problem: string, rule?: ValidityRule) => ContractError;

interface SpecContext extends Reader {
  readonly comment: string;
  readonly place: Place;
  readonly fault: Fault;
}

/** Throws an {@link InputError} if the option is invalid, with a line for each rule that it breaks. */
function readSpec(spec: ErrorSpec, context: SpecContext): DeclaredError {
  const { comment, place, domain, resolve, file, sharedBy, readUsed, fault } = context;
  if (readUsed !== undefined && spec.shared !== "") {
    check(useRefusals, spec, fault);
    return readUsed(spec, fault);
  }
  const status = statusOf(spec) ?? "";
  const kind = kindOf(spec) || "The error";
  const faults = new InputErrors();
  if (sharedBy !== undefined) checkAll(sharedRefusals, { spec, kind, ...context }, fault, faults);
  checkAll([...specRefusals, ...messageRefusals], { spec, kind }, fault, faults);
  const all: DeclaredDetail[] = [];
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
    domain: spec.reason && (spec.domain || domain),
    metadata: spec.metadata,
    details: all.slice(0, spec.details.length),
    optionalDetails: all.slice(spec.details.length),
    retryable: spec.retryable,
    message: spec.message,
    localize: spec.localize,
    comment,
    place,
    sharedBy,
  };
}

/** Throws the fault of the first rule that a subject breaks. For rules that exclude each other. */
export function check<T>(refusals: readonly Refusal<T>[], subject: T, fault: Fault): void {
  const refusal = refusals.find(({ applies }) => applies(subject));
  if (refusal !== undefined) {
    throw fault(refusal.say(subject), refusal.rule);
  }
}

/** Collects the faults of all rules that a subject breaks. */
function checkAll<T>(refusals: readonly Refusal<T>[], subject: T, fault: Fault, faults: InputErrors): void {
  for (const refusal of refusals) {
    faults.collect(() => check([refusal], subject, fault));
  }
}

/** `bookCheckedOut` for `library.v1.BookCheckedOut`. */
function propertyOf(typeName: string): string {
  const name = typeName.slice(typeName.lastIndexOf(".") + 1);
  return name.charAt(0).toLowerCase() + name.slice(1);
}
