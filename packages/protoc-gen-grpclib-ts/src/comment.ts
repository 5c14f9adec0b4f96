/** The text of the comments on something in a .proto file: what follows `//`, without the blank there. */
export function commentText(leading = "", trailing = ""): string {
  return [leading, trailing]
    .map((comment) => comment.trimEnd().replaceAll(/^ /gm, ""))
    .filter(Boolean)
    .join("\n\n");
}
