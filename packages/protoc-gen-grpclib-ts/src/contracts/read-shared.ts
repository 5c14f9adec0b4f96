import { type DescFile, getOption } from "@bufbuild/protobuf";
import { type ErrorSpec, SharedErrorsSchema, shared_errors } from "../gen/grpclib/v1/errors_pb.js";
import type { InputErrors } from "../input-error.js";
import { remember } from "../remember.js";
import type { DeclaredError, SharedBy } from "./declared-error.js";
import { placesIn } from "./places.js";
import { check, createReader, type Fault, readList } from "./read-options.js";
import { kindOf } from "./refusals.js";
import { adviseShared, defaultNameOf, findShared, sharedName } from "./shared.js";
import { nameRefusals, namesakeRefusals } from "./shared-refusals.js";

/** The errors that a file declares for the methods of several services. */
export interface SharedErrors {
  readonly by: SharedBy;
  readonly declared: readonly DeclaredError[];
}

/** The valid shared errors of a file, and the faults of the others. */
export interface ExaminedSharedErrors extends SharedErrors {
  readonly faults: InputErrors;
}

/** Whether a file declares shared errors. */
export function declaresSharedErrors(file: DescFile): boolean {
  return getOption(file, shared_errors).errors.length > 0;
}

/**
 * Reads and checks the options of a file that declare shared errors.
 *
 * @throws {@link InputError} with a line for each invalid one, which begins with its location
 */
export function readSharedErrors(file: DescFile, allFiles: readonly DescFile[]): SharedErrors {
  const { faults, ...errors } = examineSharedErrors(file, allFiles);
  faults.throwIfAny();
  return errors;
}

/** Like {@link readSharedErrors}, but leaves out invalid errors, and returns their faults instead of throwing them. */
export function examineSharedErrors(file: DescFile, allFiles: readonly DescFile[]): ExaminedSharedErrors {
  return sharedErrorsIn(allFiles)(file);
}

const sharedErrorsIn = remember((allFiles: readonly DescFile[]) =>
  remember((file: DescFile) => collectSharedErrors(file, allFiles)),
);

function collectSharedErrors(file: DescFile, allFiles: readonly DescFile[]): ExaminedSharedErrors {
  const { domain, name, errors } = getOption(file, shared_errors);
  const optionPath = [8, shared_errors.number];
  const listPath = [...optionPath, SharedErrorsSchema.field.errors.number];
  const namePath = name === "" ? [...listPath, 0] : [...optionPath, SharedErrorsSchema.field.name.number];
  const by = { file, name: name || defaultNameOf(file.proto.package), place: placesIn(file).place(namePath) };
  const reader = createReader(
    { desc: file, allFiles },
    {
      domain: domain || file.proto.package,
      sharedBy: by,
      readUsed: undefined,
    },
  );
  const { places, faults } = reader;
  const declared = readList(errors, { listPath, earlier: [] }, reader);
  for (const [i, spec] of errors.entries()) {
    const option = { file, kind: kindOf(spec), allFiles };
    faults.collect(() => check(namesakeRefusals, option, (message) => places.fault([...listPath, i], message)));
  }
  // Without errors, no code has the name.
  if (errors.length > 0) faults.collect(() => check(nameRefusals, by, (message) => places.fault(namePath, message)));
  return { by, declared, faults };
}

/** Reads the shared error that an option of a service or a method uses. Throws an {@link InputError} if it cannot. */
export function readUsedError(
  spec: ErrorSpec,
  desc: DescFile,
  allFiles: readonly DescFile[],
  fault: Fault,
): DeclaredError {
  const [found, other] = findShared(spec.shared, desc, allFiles);
  if (found === undefined) {
    const problem = `${desc.proto.name} and its imports have no shared error "${spec.shared}".`;
    throw fault(`${problem} ${adviseShared(spec.shared, desc, allFiles)}`);
  }
  if (other !== undefined) {
    const files = `${found.file.proto.name} and ${other.file.proto.name}`;
    throw fault(`Both ${files} declare ${sharedName(found)}. Set name in one of these declarations.`);
  }
  const { declared, faults } = examineSharedErrors(found.file, allFiles);
  const error = declared.find(({ kind }) => kind === found.kind);
  if (error === undefined) {
    throw fault(`The declaration of ${sharedName(found)} is invalid:\n${faults.text}`);
  }
  return error;
}
