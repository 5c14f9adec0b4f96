import type { DescFile } from "@bufbuild/protobuf";
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import { commentText } from "../comment.js";
import { InputError } from "../input-error.js";
import { remember } from "../remember.js";

/** The path of a declaration in its file's descriptor, as in `SourceCodeInfo.Location.path`. */
export type Path = readonly number[];

/** The source locations in a .proto file. */
export interface Places {
  /** The comment on the declaration at a path; empty if there is none. */
  comment(path: Path): string;
  /** Creates an error that starts with `file:line:column:`, like a compiler's own errors. */
  fault(path: Path, message: string): InputError;
}

/** Indexes the locations in a file by path, because a file may declare thousands of errors. */
export const placesIn: (file: DescFile) => Places = remember(({ proto }) => {
  const locations = new Map<string, SourceCodeInfo_Location>();
  for (const location of proto.sourceCodeInfo?.location ?? []) {
    locations.set(location.path.join(), location);
  }
  return {
    comment(path) {
      const location = locations.get(path.join());
      return commentText(location?.leadingComments, location?.trailingComments);
    },
    fault(path, message) {
      return new InputError(`${proto.name}:${position(path, locations)}${message}`);
    },
  };
});

/**
 * The `line:column:` of the declaration at a path. Values inside `{…}` have no
 * location of their own: for those, the location of the enclosing option.
 */
function position(path: Path, locations: ReadonlyMap<string, SourceCodeInfo_Location>): string {
  for (let length = path.length; length > 0; length--) {
    const [line, column] = locations.get(path.slice(0, length).join())?.span ?? [];
    if (line !== undefined && column !== undefined) {
      return `${line + 1}:${column + 1}: `;
    }
  }
  return " ";
}
