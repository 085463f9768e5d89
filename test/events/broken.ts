import { calling, printing } from "../conformance/broken.ts";
import type { Provider } from "../conformance/provider.ts";
import type { Event } from "./gc-events.ts";
import type { EventsProvider } from "./provider.ts";

type Break = (real: EventsProvider) => EventsProvider;

/** Breaks calls and leaves watches as they are. */
export function calls(change: (real: Provider) => Provider): Break {
  return (real) => ({ ...real, call: change(real.call) });
}

/** Changes each event before it is recorded. */
export function recording(change: (event: Partial<Event>) => object): Break {
  const changed = (stdin: unknown) => JSON.stringify(change(JSON.parse(String(stdin)) as Event));
  return calls(calling("record", (call) => ({ ...call, stdin: changed(call.stdin) })));
}

/** Changes the events that `list` prints. */
export function listing(change: (events: Event[], filter: object) => Event[]): Break {
  return calls(
    printing("list", (stdout, { stdin }) =>
      JSON.stringify(change(JSON.parse(stdout) as Event[], JSON.parse(String(stdin)) as object)),
    ),
  );
}

/** Changes the number that `latest-seq` prints. */
export function numbering(change: (seq: number) => number): Break {
  return calls(printing("latest-seq", (stdout) => `${change(Number(stdout))}\n`));
}

/** Changes what a watch prints, each time it is looked at. */
export function watching(change: (lines: string[]) => string[]): Break {
  return (real) => ({
    ...real,
    watch(after, env) {
      const watcher = real.watch(after, env);
      return {
        ...watcher,
        kill: watcher.kill,
        ended: watcher.ended,
        get lines() {
          return change(watcher.lines);
        },
      };
    },
  });
}

/** Starts each watch from another number. */
export function watchingFrom(change: (after: number) => number): Break {
  return (real) => ({ ...real, watch: (after, env) => real.watch(change(after), env) });
}
