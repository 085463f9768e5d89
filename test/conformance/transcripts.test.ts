import { expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { doingNothing, setting, swallowing } from "./broken.ts";
import { withFiles } from "./files.ts";
import { type Gc, rules } from "./rules.ts";

const SOURCE = "/tmp/transcripts";

rules("transcripts", {}, [
  {
    title: "arrive on this machine when a live agent is stopped",
    async check(gc) {
      await withTranscripts(gc, "printf '{\"a\": 1}\\n' >transcript.jsonl", async (session, place) => {
        await gc.ok("stop", [session], undefined, place);
        expect(textOf(place, "transcript.jsonl")).toBe('{"a": 1}\n');
      });
    },
    broken: setting("stop", { GC_TRANSCRIPTS_DEST: "" }),
  },
  {
    title: "arrive byte for byte, below directories, under any name, and only regular files of the directory do",
    async check(gc) {
      const plant =
        "mkdir -p a/b empty; printf 'x\\000\\377\\n\\n' >a/b/bytes; : >none; printf odd >\"$(printf 'é \\n-%%s')\"; printf dash >./-rf; " +
        "head -c 3000000 /dev/zero >big; ln -s /etc/passwd link; ln -s /etc links; mkfifo pipe";
      await withTranscripts(gc, plant, async (session, place) => {
        await gc.ok("stop", [session], undefined, place);
        expect(existsSync(place.GC_TRANSCRIPTS_DEST)).toBe(true);
        const found = readdirSync(place.GC_TRANSCRIPTS_DEST, { recursive: true }) as string[];
        expect(found.sort()).toEqual(["-rf", "a", "a/b", "a/b/bytes", "big", "none", "é \n-%s"]);
        const bytes = readFileSync(`${place.GC_TRANSCRIPTS_DEST}/a/b/bytes`);
        expect([...bytes]).toEqual([0x78, 0, 0xff, 0x0a, 0x0a]);
        expect(statSync(`${place.GC_TRANSCRIPTS_DEST}/big`).size).toBe(3_000_000);
      });
    },
    broken: doingNothing("stop"),
  },
  {
    title: "of a hostile box write nothing outside of their directory, and the session is stopped all the same",
    async check(gc) {
      // The box's own programs lie about names; a user that may change them stands for an image that does.
      const lie =
        "printf x >file; printf '#!/bin/sh\\nprintf ../../escape | /usr/bin/base64\\n' >/usr/local/bin/base64; chmod 755 /usr/local/bin/base64";
      await withTranscripts(
        gc,
        lie,
        async (session, place) => {
          const { exit, stderr } = await gc.call("stop", [session], undefined, place);
          expect(exit).toBe(1);
          expect(stderr).toMatch(/^[^\n]*session is stopped, but[^\n]*cannot be kept[^\n]*\n$/);
          expect(readdirSync(place.GC_TRANSCRIPTS_DEST)).toEqual([]);
          expect(existsSync(`${place.GC_TRANSCRIPTS_DEST}/../../escape`)).toBe(false);
          expect(podOf(gc, session)).toBe("");
        },
        { GC_K8S_RUN_AS_USER: "0" },
      );
    },
    broken: swallowing("stop"),
  },
  {
    title: "that are too much to come fail the stop with the reason, and the small ones are there",
    async check(gc) {
      const plant = "truncate -s 300M large; echo x >small";
      await withTranscripts(gc, plant, async (session, place) => {
        const { exit, stderr } = await gc.call("stop", [session], undefined, place);
        expect(exit).toBe(1);
        expect(stderr).toMatch(/^[^\n]*session is stopped, but[^\n]*files that came whole are in[^\n]*\n$/);
        expect(textOf(place, "small")).toBe("x\n");
        expect(existsSync(`${place.GC_TRANSCRIPTS_DEST}/large`)).toBe(false);
        expect(podOf(gc, session)).toBe("");
      });
    },
    broken: (real) => async (call) => {
      const outcome = await real(call);
      const { GC_TRANSCRIPTS_DEST: place } = call.env ?? {};
      // All or nothing.
      if (outcome.exit !== 0 && place) rmSync(place, { recursive: true });
      return outcome;
    },
  },
  {
    title: "of a file that becomes shorter while it is read have the bytes that were there, and the others come whole",
    async check(gc) {
      // What tells the lengths tells larger ones.
      const lie =
        "printf abc >one; printf defg >two; printf '#!/bin/sh\\necho 8\\n' >/usr/local/bin/stat; chmod 755 /usr/local/bin/stat";
      const check = async (session: string, place: Place) => {
        await gc.ok("stop", [session], undefined, place);
        expect([textOf(place, "one"), textOf(place, "two")]).toEqual(["abc", "defg"]);
      };
      await withTranscripts(gc, lie, check, { GC_K8S_RUN_AS_USER: "0" });
    },
    broken: doingNothing("stop"),
  },
  {
    title: "that cannot be written fail the stop with the reason, and the session is stopped all the same",
    async check(gc) {
      await withTranscripts(gc, "echo x >file", async (session, place) => {
        const env = { ...place, GC_TRANSCRIPTS_DEST: import.meta.path };
        const { exit, stderr } = await gc.call("stop", [session], undefined, env);
        expect(exit).toBe(1);
        expect(stderr).toMatch(/^[^\n]*session is stopped, but[^\n]+\n$/);
        expect(podOf(gc, session)).toBe("");
      });
    },
    broken: swallowing("stop"),
  },
  {
    title: "that are not there, and those of an ended agent, fail no stop",
    async check(gc) {
      await withTranscripts(gc, "rmdir /tmp/transcripts", async (session, place) => {
        await gc.ok("stop", [session], undefined, place);
        const ended = await gc.start({ command: "exit 0" });
        await gc.ok("stop", [ended], undefined, place);
        await gc.ok("stop", [gc.name()], undefined, place);
        expect(readdirSync(place.GC_TRANSCRIPTS_DEST)).toEqual([]);
      });
    },
    broken: setting("stop", { GC_TRANSCRIPTS_DEST: "/dev/null/no" }),
  },
]);

/** Both ends of the transcripts' way, as the caller's environment names them. */
interface Place extends Record<string, string> {
  GC_TRANSCRIPTS_SRC: string;
  GC_TRANSCRIPTS_DEST: string;
}

/** Starts a session, runs `plant` in the directory of its transcripts, and names both ends as gc's suite does. */
async function withTranscripts(
  gc: Gc,
  plant: string,
  use: (session: string, place: Place) => Promise<void>,
  env?: Record<string, string>,
): Promise<void> {
  const session = await gc.start(undefined, env);
  expect(await gc.ok("exec", [session], `mkdir -p ${SOURCE} && cd ${SOURCE} && { ${plant}; }`)).toBe("");
  await withFiles({ "kept/of/me": "" }, (root) =>
    use(session, { GC_TRANSCRIPTS_SRC: SOURCE, GC_TRANSCRIPTS_DEST: `${root}/made/here` }),
  );
}

/** Text of a transcript on this machine; undefined when it has not arrived. */
function textOf({ GC_TRANSCRIPTS_DEST: directory }: Place, name: string): string | undefined {
  const path = `${directory}/${name}`;
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function podOf({ kubectl }: Gc, session: string): string {
  return kubectl("get", "pods", "-l", `gc-session=${session}`, "-o", "name");
}
