/** What has a meaning in a template: `{{` and `}}`, which stand for braces, and variables in braces. */
const tokens = /\{\{|\}\}|\{([^{}]*)\}/g;

/** Fills in the variables of a template. A variable without a value stays as it is. Values are not templates. */
export function renderMessage(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(tokens, (token, variable: string | undefined) => {
    if (variable === undefined) return token.charAt(0);
    return Object.hasOwn(values, variable) ? String(values[variable]) : token;
  });
}

/** The variables of a template; `undefined` if it has a brace that is not part of a pair. */
export function variablesIn(template: string): readonly string[] | undefined {
  if (/[{}]/.test(template.replace(tokens, ""))) return undefined;
  return [...template.matchAll(tokens)].flatMap(([, variable]) => variable ?? []);
}
