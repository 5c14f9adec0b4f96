import type { DescFile } from "@bufbuild/protobuf";
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import { commentText } from "../comment.js";
import { remember } from "../remember.js";
import { ContractError, type ValidityRule } from "./contract-error.js";

/** The path of a declaration in its file's descriptor, as in `SourceCodeInfo.Location.path`. */
export type Path = readonly number[];

/** The place of a declaration. */
export interface Place {
  /** The name of the .proto file. */
  readonly file: string;
  /** Its path, or that of what encloses it: values inside `{…}` have no location of their own. */
  readonly path: Path;
}

/** The source locations in a .proto file. */
export interface Places {
  /** The place of the declaration at a path. */
  place(path: Path): Place;
  /** The comment on the declaration at a path; empty if there is none. */
  comment(path: Path): string;
  /** Creates an error about the declaration at a path. */
  fault(path: Path, problem: string, rule?: ValidityRule): ContractError;
}

/** Indexes the locations in a file by path, because a file may declare thousands of errors. */
export const placesIn: (file: DescFile) => Places = remember(({ proto }) => {
  const locations = new Map<string, SourceCodeInfo_Location>();
  for (const location of proto.sourceCodeInfo?.location ?? []) {
    locations.set(location.path.join(), location);
  }
  const place = (path: Path): Place => ({ file: proto.name, path: nearest(path, locations) });
  return {
    place,
    comment(path) {
      const location = locations.get(path.join());
      return commentText(location?.leadingComments, location?.trailingComments);
    },
    fault(path, problem, rule = "GRPCLIB_CONTRACT_VALID") {
      const [line, column] = locations.get(nearest(path, locations).join())?.span ?? [];
      const position = line === undefined || column === undefined ? " " : `${line + 1}:${column + 1}: `;
      return new ContractError(`${proto.name}:${position}`, { problem, place: place(path), rule });
    },
  };
});

/** The longest part of a path that has a location. */
function nearest(path: Path, locations: ReadonlyMap<string, SourceCodeInfo_Location>): Path {
  const lengths = path.map((_, i) => path.length - i);
  return path.slice(0, lengths.find((length) => locations.has(path.slice(0, length).join())) ?? 0);
}
