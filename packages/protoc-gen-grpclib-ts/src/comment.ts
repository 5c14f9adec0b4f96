/**
 * The text of a declaration's leading and trailing comments, without the space that follows `//`, and
 * without the comments that switch off lint rules of buf. Its lines end with `\n`, whatever those of the file end with.
 */
export function commentText(leading = "", trailing = ""): string {
  return [leading, trailing]
    .map((comment) =>
      comment
        .replaceAll(/\r\n|[\r\u2028\u2029]/g, "\n")
        .replaceAll(/^ *buf:lint:ignore .*\n?/gm, "")
        .trimEnd()
        .replaceAll(/^ /gm, ""),
    )
    .filter(Boolean)
    .join("\n\n");
}
