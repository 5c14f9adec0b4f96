import type { DescFile } from "@bufbuild/protobuf";
import type { SourceCodeInfo_Location } from "@bufbuild/protobuf/wkt";
import { commentText } from "../comment.js";
import { InputError } from "../input-error.js";
import { remember } from "../remember.js";

/** Where in a file something stands: the path to it in the file's descriptor. */
export type Path = readonly number[];

/** The places in a .proto file, looked up by their paths. */
export interface Places {
  /** The comment on what is there; empty where there is none. */
  comment(path: Path): string;
  /** The error for a fault there, which compilers show as one of theirs. */
  fault(path: Path, message: string): InputError;
}

/** Indexes the places in a file, since there may be thousands of errors to look up. */
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

/** `line:column:` of a path, or of what it is in: what stands inside of a `{…}` has no place of its own. */
function position(path: Path, locations: ReadonlyMap<string, SourceCodeInfo_Location>): string {
  for (let length = path.length; length > 0; length--) {
    const [line, column] = locations.get(path.slice(0, length).join())?.span ?? [];
    if (line !== undefined && column !== undefined) {
      return `${line + 1}:${column + 1}: `;
    }
  }
  return " ";
}
