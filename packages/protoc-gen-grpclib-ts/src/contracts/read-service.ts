import { type DescFile, type DescMethod, type DescService, getOption } from "@bufbuild/protobuf";
import { errors, ServiceErrorsSchema, service_errors } from "../gen/grpclib/v1/errors_pb.js";
import { InputErrors } from "../input-error.js";
import type { DeclaredError } from "./declared-error.js";
import { createReader, readList } from "./read-options.js";
import { readUsedError } from "./read-shared.js";

/** The errors that a service declares. */
export interface Contracts {
  /** The errors that the service declares for all of its methods. */
  readonly common: readonly DeclaredError[];
  /** The errors of each method: its own, then the common ones. Methods without errors are omitted. */
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
  const own = service.methods.map((method) => ({ method, specs: getOption(method, errors) }));
  const option = getOption(service, service_errors);
  if (option.errors.length === 0 && own.every(({ specs }) => specs.length === 0)) {
    return { common: [], methods: new Map(), faults: new InputErrors() };
  }
  const { file } = service;
  const servicePath = [6, file.proto.service.indexOf(service.proto)];
  const reader = createReader(
    { desc: file, allFiles },
    {
      domain: option.domain === "" ? service.typeName : option.domain,
      sharedBy: undefined,
      readUsed: (spec, fault) => readUsedError(spec, file, allFiles, fault),
    },
  );
  const listPath = [...servicePath, 3, service_errors.number, ServiceErrorsSchema.field.errors.number];
  const common = readList(option.errors, { listPath, earlier: [] }, reader);
  const contracts = own.map(({ method, specs }, i): [DescMethod, readonly DeclaredError[]] => {
    const listPath = [...servicePath, 2, i, 4, errors.number];
    return [method, [...readList(specs, { listPath, earlier: common }, reader), ...common]];
  });
  return { common, methods: new Map(contracts.filter(([, declared]) => declared.length > 0)), faults: reader.faults };
}
