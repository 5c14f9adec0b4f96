import type { DescFile } from "@bufbuild/protobuf";
import type { DeclaredError } from "../contracts/declared-error.js";
import { type Contracts, declaresSharedErrors, readSharedErrors } from "../contracts/read.js";
import { errorLinks, errorSection } from "./error.js";
import type { Section } from "./markdown.js";

/** The files on a page, and what its services declare. */
interface PageErrors {
  readonly files: readonly DescFile[];
  readonly allFiles: readonly DescFile[];
  readonly contracts: readonly Contracts[];
}

/** The shared errors on a page, without duplicates: those that its files declare, and others that its methods may raise. */
export function sharedErrorsOn({ files, allFiles, contracts }: PageErrors): readonly DeclaredError[] {
  const declared = files.filter(declaresSharedErrors).flatMap((file) => readSharedErrors(file, allFiles).declared);
  const raised = contracts.flatMap(({ methods }) => [...methods.values()].flat());
  return [...new Set([...declared, ...raised])].filter(isShared);
}

/** Renders the shared errors on a page, to which the methods link. */
export function sharedSections(errors: readonly DeclaredError[]): Section[] {
  if (errors.length === 0) {
    return [];
  }
  const heading: Section = {
    subject: "shared errors",
    level: 2,
    title: "Shared errors",
    body: (link) => [
      `Several services may raise these errors, which are the same in all of them: ${errorLinks(errors, link)}.`,
    ],
  };
  const packageOf = ({ sharedBy }: DeclaredError): string => sharedBy?.file.proto.package || "shared";
  return [heading, ...errors.map((error) => errorSection(error, { owner: packageOf(error), level: 3 }))];
}

/** Whether a file declares the error for several services, so that its section is not that of a method or a service. */
export function isShared({ sharedBy }: DeclaredError): boolean {
  return sharedBy !== undefined;
}
