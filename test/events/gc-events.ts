/** An event as gc reads it. */
export interface Event {
  seq: number;
  type: string;
  ts: string;
  actor: string;
  subject?: string;
  message?: string;
  run_id?: string;
  session_id?: string;
  step_id?: string;
  payload?: unknown;
  depends_on_step_ids?: string[];
}

/** gc's own filter. Only the first four go to the provider; gc applies all of them to what it answers. */
export interface GcFilter {
  Type?: string;
  Actor?: string;
  Since?: string;
  AfterSeq?: number;
  Subject?: string;
  Until?: string;
  Limit?: number;
}

const NO_TIME = "0001-01-01T00:00:00Z";

/** Standard input of `record`, as gc writes it: without a number, and without what is empty. */
export function recordInput(event: Partial<Event>): string {
  const { type = "test.event", ts = NO_TIME, actor = "tester", ...rest } = event;
  const text = JSON.stringify({ seq: 0, type, ts, actor, ...rest });
  const escapes: Record<string, string> = { "<": "\\u003c", ">": "\\u003e", "&": "\\u0026" };
  return text.replace(/[<>&]/g, (character) => escapes[character] ?? character);
}

/** Standard input of `list`: exactly these keys, always present. */
export function filterInput({ Type = "", Actor = "", Since = NO_TIME, AfterSeq = 0 }: GcFilter): string {
  return JSON.stringify({ Type, Actor, Since, AfterSeq });
}

/** What gc makes of the answer of `list`. */
export function applyFilter(events: Event[], filter: GcFilter): Event[] {
  const { Type, Actor, Since, AfterSeq = 0, Subject, Until, Limit } = filter;
  const time = (text: string) => Date.parse(text);
  const found = events.filter(
    ({ seq, type, actor, subject, ts }) =>
      (!Type || type === Type) &&
      (!Actor || actor === Actor) &&
      (!Subject || subject === Subject) &&
      (!Since || time(ts) >= time(Since)) &&
      (!Until || time(ts) <= time(Until)) &&
      seq > AfterSeq,
  );
  return Limit ? found.slice(0, Limit) : found;
}
