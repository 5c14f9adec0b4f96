/** The text of a declaration's leading and trailing comments, without the space that follows `//`. */
export function commentText(leading = "", trailing = ""): string {
  return [leading, trailing]
    .map((comment) => comment.trimEnd().replaceAll(/^ /gm, ""))
    .filter(Boolean)
    .join("\n\n");
}
