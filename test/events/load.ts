import { expect } from "bun:test";
import type { Event } from "./gc-events.ts";
import type { EventsProvider } from "./provider.ts";
import { type Log, logOf } from "./rules.ts";

/** Writers that record at the same time, each one event after the other. */
export interface Load {
  writers: number;
  each: number;
  /** Watches that follow from the beginning. */
  watchers?: number;
  /** Runs beside the writers. */
  meanwhile?: () => Promise<void>;
}

/** How long the records took. */
export interface LoadFigures {
  events: number;
  seconds: number;
  eventsPerSecond: number;
  medianMs: number;
  p95Ms: number;
  longestMs: number;
}

/** Puts the load on the log and asserts that nothing is lost: numbers without gap or duplicate, each writer's events in
 * its own order, and each watcher with the whole log in order. */
export async function underLoad(
  provider: EventsProvider,
  place: Pick<Log, "city" | "env" | "kubectl">,
  { writers, each, watchers: watcherCount = 0, meanwhile }: Load,
): Promise<LoadFigures> {
  const log = logOf(provider, place);
  const watchers = Array.from({ length: watcherCount }, () => log.watch(0));
  const times: number[] = [];
  const began = performance.now();
  const write = async (writer: number) => {
    for (let at = 0; at < each; at++) {
      const recordBegan = performance.now();
      await log.record({ actor: `writer-${writer}`, message: String(at) });
      times.push(performance.now() - recordBegan);
    }
  };
  try {
    await Promise.all([...Array.from({ length: writers }, (_, writer) => write(writer)), meanwhile?.()]);
    const seconds = (performance.now() - began) / 1000;
    const events = await log.list();
    assertWhole(events, writers, each);
    for (const watcher of watchers) expect(await log.events(watcher, events.length)).toEqual(events);
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return {
      events: events.length,
      seconds: Math.round(seconds * 10) / 10,
      eventsPerSecond: Math.round((events.length / seconds) * 10) / 10,
      medianMs: at(0.5),
      p95Ms: at(0.95),
      longestMs: at(1),
    };
  } finally {
    for (const watcher of watchers) watcher.kill();
  }
}

function assertWhole(events: Event[], writers: number, each: number): void {
  expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: writers * each }, (_, at) => at + 1));
  for (let writer = 0; writer < writers; writer++) {
    const own = events.filter(({ actor }) => actor === `writer-${writer}`);
    expect(own.map(({ message }) => message)).toEqual(Array.from({ length: each }, (_, at) => String(at)));
  }
}
