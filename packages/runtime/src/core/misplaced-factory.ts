/** What to do about an interceptor that has returned a function. @param name the name of the interceptor; may be empty */
export const passItsResult = (name: string): string =>
  name
    ? `${name} seems to create the interceptor. Pass ${name}().`
    : "It seems to create the interceptor. Pass its result.";
