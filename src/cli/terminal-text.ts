/** Escape sequences whole: a bare `[31m` would be left of one whose first character alone goes. */
const ESCAPE_SEQUENCE =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;

/** Characters that turn the direction of a line, so that it reads as another than it is. */
const DIRECTION = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text out of a pod as lines that a terminal shows and never obeys: no escape sequences, no control characters. */
export function shownText(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCE, "")
    .replace(DIRECTION, "")
    .replace(/\r\n/g, "\n")
    .replace(/[\u2028\u2029]/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "");
}

/** The same on one line. */
export function shownLine(text: string): string {
  return shownText(text)
    .replace(/[\n\t]+/g, " ")
    .trim();
}

/** Colours by what they mean here. */
const COLOURS = { good: 32, bad: 31, waiting: 33, faint: 2, strong: 1 } as const;

/** Name of a colour. */
export type Colour = keyof typeof COLOURS;

/** The text in a colour, where standard output is a terminal that shows colours. */
export function coloured(text: string, colour: Colour | undefined): string {
  return colour && hasColours() ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
}

/** See https://no-color.org: a variable of that name, with any value, switches colours off. */
function hasColours(): boolean {
  return process.stdout.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
}
