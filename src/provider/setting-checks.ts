/** Says what is wrong with a value, or undefined. */
export type Check = (value: string) => string | undefined;

/** The word that switches off what a setting gives by default; an empty value would mean the default. */
export const NONE = "none";

/** Makes a check out of a test and the words for what it demands. */
export function must(words: string, isRight: (value: string) => boolean): Check {
  return (value) => (isRight(value) ? undefined : `must be ${words}`);
}

/** Same check, but `none` is right, too. */
export function orNone(check: Check): Check {
  return (value) => (value === NONE ? undefined : withWord(check(value)));
}

function withWord(problem: string | undefined): string | undefined {
  return problem && `${problem}, or ${NONE}`;
}

/** One of a few words. */
export function oneOf(...words: string[]): Check {
  return must(words.join(" or "), (value) => words.includes(value));
}

/** A whole number within bounds. */
export function wholeNumber(least: number, most: number): Check {
  return must(
    `a whole number from ${least} to ${most}`,
    (value) => /^\d{1,10}$/.test(value) && Number(value) >= least && Number(value) <= most,
  );
}

/** Port of a service. */
export const port = must("a port number", (value) => wholeNumber(1, 65_535)(value) === undefined);

/** Host name or address, as it stands in a URL. */
export const hostName = must("a host name or an address", (value) => /^[A-Za-z0-9_.:-]{1,253}$/.test(value));
