import { sharedName } from "../contracts/shared.js";
import type { Change } from "./compare.js";
import type { Category, Finding, Rule } from "./rule.js";

const categories: readonly Category[] = ["GRPCLIB_SOURCE"];

/** The rules for `buf breaking` about shared errors and their generated code. */
export const sharedRules: readonly Rule<Change>[] = [
  {
    id: "GRPCLIB_SHARED_NO_DELETE",
    categories,
    purpose: "Checks that methods and services keep using shared errors.",
    find: findUnshared,
  },
  {
    id: "GRPCLIB_SHARED_SAME_FILE",
    categories,
    purpose: "Checks that shared errors stay in their file.",
    find: findMoved,
  },
  {
    id: "GRPCLIB_SHARED_SAME_NAME",
    categories,
    purpose: "Checks that the shared errors of a file keep their name in generated code.",
    find: findRenamed,
  },
];

function findUnshared(change: Change): Finding[] {
  const { before, place, sharedAfter } = change;
  const { kind, sharedBy } = before;
  if (sharedBy === undefined || !isUnshared(change)) return [];
  const { file } = sharedBy;
  const name = sharedName({ file, kind });
  const problem = `${kind} is no longer the shared error ${name}, and ${sharedBy.name}.is() does not recognise it.`;
  const advice = sharedAfter === undefined ? `Keep it in ${file.proto.name}, and set` : "Set";
  return [{ message: `${problem} ${advice} shared: "${name}".`, place, against: before.place }];
}

/** Whether a method or a service used a shared error, and has another error now. */
function isUnshared({ before, after, sharedAfter }: Change): boolean {
  return before.sharedBy !== undefined && after !== undefined && after !== sharedAfter;
}

function findMoved(change: Change): Finding[] {
  const { before, after, place } = change;
  const [from, to] = [before, after].map((error) => error?.sharedBy?.file.proto.name);
  if (from === undefined || to === undefined || from === to || isUnshared(change)) return [];
  const message = `${before.kind} moved from ${from} to ${to}, and so to other generated code. Leave it in ${from}.`;
  return [{ message, place, against: before.place }];
}

/** Finds another name in generated code. One option sets it for all shared errors of a file. */
function findRenamed({ before, after }: Change): Finding[] {
  const [from, to] = [before.sharedBy, after?.sharedBy];
  if (from === undefined || to === undefined) return [];
  if (from.name === to.name || from.file.proto.name !== to.file.proto.name) return [];
  const problem = `The shared errors of ${to.file.proto.name} changed their name from ${from.name} to ${to.name}.`;
  const message = `${problem} Set name: "${from.name}" in option (grpclib.v1.shared_errors).`;
  return [{ message, place: to.place, against: from.place }];
}
