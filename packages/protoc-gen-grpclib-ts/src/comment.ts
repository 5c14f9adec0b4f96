/**
 * The text of a declaration's leading and trailing comments, without the space that follows `//`, and
 * without the comments that switch off lint rules of buf.
 */
export function commentText(leading = "", trailing = ""): string {
  return [leading, trailing]
    .map((comment) =>
      comment
        .replaceAll(/^ *buf:lint:ignore .*\n?/gm, "")
        .trimEnd()
        .replaceAll(/^ /gm, ""),
    )
    .filter(Boolean)
    .join("\n\n");
}
