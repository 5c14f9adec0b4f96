/** HTML that is safe to print: whatever came from outside is escaped. */
export interface Html {
  readonly html: string;
}

type Value = string | number | Html | readonly Html[];

/** Makes HTML of a template. Escapes the strings in it, for text and for attributes in double quotes. */
export function html(template: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { html: String.raw({ raw: template }, ...values.map(print)) };
}

/** HTML that is known to be safe. */
export function trusted(text: string): Html {
  return { html: text };
}

function print(value: Value): string {
  if (typeof value !== "object") {
    return String(value).replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  }
  return "html" in value ? value.html : value.map(print).join("");
}
