/** A box whose agent works against whoever looks into it. */
export interface HostileBox {
  /** Shell text that the agent runs once its session is launched. It is root in its box unless `user` says otherwise. */
  agent: string;
  user?: string;
  /** Most processes of the box, set from outside: a box that forks must not take the node along. */
  mostProcesses?: number;
  /** It prints or forks without end. */
  floods?: boolean;
  /** Sends a signal to the first process of the box, from outside. */
  stopsInit?: boolean;
}

/** Puts a program of the agent's in the place of the box's own. */
function shadowing(name: string, text: string): string {
  return `printf '%s\\n' '#!/bin/bash' ${quoted(text)} >/tmp/shadow; chmod 755 /tmp/shadow; mv /tmp/shadow /usr/local/bin/${name}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

const STAY = "while :; do sleep 1; done";
const CODES = "\\033]0;owned\\007\\033[31m\\033[2J\\033P\\233\\302\\2332J";
/** What a tmux says that means well: the pane lives. Then come control codes. */
const LYING_TMUX = `case "$*" in *pane_dead*) echo 0 ;; *) printf '${CODES}\\n' ;; esac`;

/** Ways in which an agent can be hostile, by name; those come first in which a start waits longest for an answer. */
export const HOSTILE_BOXES: Record<string, HostileBox> = {
  "a tmux server that is stopped": { agent: `kill -STOP $(cat /run/gc/server); ${STAY}` },
  "a tmux that prints without end": { agent: `${shadowing("tmux", "exec yes")}; ${STAY}`, floods: true },
  "a tmux that never answers": { agent: `${shadowing("tmux", "exec sleep 1000")}; ${STAY}` },
  "a tmux that lies": { agent: `${shadowing("tmux", LYING_TMUX)}; ${STAY}` },
  "a sh that prints without end": {
    agent: `${shadowing("sh", "exec yes")}; cp /usr/local/bin/sh /bin/.sh; mv /bin/.sh /bin/sh; exec bash -c '${STAY}'`,
    floods: true,
  },
  "paths that lead out": {
    agent: `${shadowing("base64", "echo Li4vLi4vLi4vZXNjYXBlZA==")}; ${shadowing("tar", "exit 0")}; ${shadowing("cksum", "cat >/dev/null; echo 0 0")}; ${STAY}`,
  },
  "a fork bomb": {
    agent:
      "while :; do for i in 1 2 3 4 5 6 7 8; do (while :; do sleep 1 & wait; done) 2>/dev/null & done; sleep 1; done",
    mostProcesses: 60,
    floods: true,
  },
  "a first process that is stopped": { agent: STAY, stopsInit: true },
  "an agent that prints without end": { agent: "exec yes", floods: true },
  "control codes on the screen": { agent: `printf '${CODES}'; ${STAY}` },
};
