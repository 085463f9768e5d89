# PID 1 of a box. It holds nothing of the session: a launch brings everything through an exec.
# Until the launch is committed it is the guard that no box outlives a client that died; afterwards it
# sleeps until the agent's end, tells the end to Kubernetes, and ends with the agent's status.
# $1 = seconds to wait for a launch to begin, $2 = seconds between a launch and its commit.
set -u
umask 077
export LC_ALL=C.UTF-8
run=/run/gc
told_to_stop=
trap : USR1
trap 'told_to_stop=1' TERM INT

# say CAUSE EXIT_CODE SIGNAL: writes the termination message, at most 4096 bytes of JSON, and ends.
# The tmux environment (the session's metadata) is base64, because a shell cannot write JSON strings safely.
say() {
  [ -e $run/metadata ] || tmux -u show-environment -s -t =main >$run/metadata 2>/dev/null
  printf '{"version":1,"cause":"%s","exitCode":%d,"signal":"%s","endedAt":"%s","metadata":"%s"}' \
    "$1" "$2" "$3" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$(head -c 2800 $run/metadata | base64 | tr -d '\n')" \
    >/dev/termination-log
  exit "$2"
}

# Prints the last screen and its scrollback to the container's log, without what tmux adds at its end.
save_screen() {
  tmux -u show-environment -s -t =main >$run/metadata 2>/dev/null
  # Where the log mirrors the screen, what stands before this line is not the last one.
  [ -e $run/log-screen ] && printf '\f\n'
  tmux -u capture-pane -p -S - -t "$pane" 2>/dev/null | tail -c 1048576 | awk '
    { line[NR] = $0 }
    END {
      last = NR
      while (last > 0 && (line[last] == "" || (!note && line[last] ~ /^Pane is dead/))) { if (line[last] != "") note = 1; last-- }
      for (i = 1; i <= last; i++) print line[i]
    }'
}

# TERM reaches the tmux server too, whose end hangs up every pane: shells that ignore TERM end by that.
# What ignores both has 0.6 s; gc has asked the agent to end by an interrupt long before.
stop_agent() {
  save_screen
  kill -TERM -1 2>/dev/null
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    set -- /proc/[0-9]*
    [ $# -le 1 ] && break
    sleep 0.02 || break
  done
  say stopped 143 TERM
}

# Limits count from the box's start: one for the launch to begin, its own for the launch, one for the commit.
seconds=0
limit=$1
launcher=
while [ ! -e $run/committed ]; do
  [ -n "$told_to_stop" ] && say never-launched 143 TERM
  if [ -z "$launcher" ] && [ -s $run/launcher ]; then read -r launcher limit <$run/launcher; fi
  if [ -z "${launched:-}" ] && [ -e $run/launched ]; then launched=1 limit=$((seconds + $2)); fi
  if [ "$seconds" -ge "$limit" ]; then say never-launched 70 ''; fi
  if [ -n "$launcher" ] && ! kill -0 "$launcher" 2>/dev/null && [ ! -e $run/committed ]; then say launch-abandoned 70 ''; fi
  sleep 1 &
  wait $!
  seconds=$((seconds + 1))
done

# Ends the box when the agent has ended; returns when it runs.
look() {
  state=$(tmux display-message -p -t "$pane" '#{pane_dead},#{pane_dead_status},#{pane_dead_signal}' 2>/dev/null) ||
    state=gone
  if [ -s $run/status ]; then
    # What the agent wrote last is on the screen once tmux has seen the end of its terminal.
    for _ in 1 2 3 4 5; do
      case $(tmux display-message -p -t "$pane" '#{pane_dead}' 2>/dev/null) in 0) sleep 0.1 ;; *) break ;; esac
    done
    save_screen
    read -r status <$run/status
    [ "$status" -gt 128 ] && say exited "$status" $((status - 128))
    say exited "$status" ''
  fi
  case $state in
  0,*) return ;;
  gone)
    # A server whose socket was swept from /tmp lives on, and makes it anew when told so.
    read -r server <$run/server
    if ! tmux has-session -t =main 2>/dev/null && grep -q tmux "/proc/$server/comm" 2>/dev/null; then
      kill -USR1 "$server"
      return
    fi
    tmux has-session -t =main 2>/dev/null && say pane-gone 71 '' || say tmux-server-ended 71 ''
    ;;
  1,,)
    # tmux lost the signal; sent again, it fetches the status and calls the hook.
    kill -CHLD "$(tmux display-message -p '#{pid}')" 2>/dev/null
    return
    ;;
  esac
  save_screen
  signal=${state##*,} status=${state#1,} status=${status%%,*}
  case $signal in
  '' | *[!0-9]*) say exited "${status:-1}" "$signal" ;;
  *) say exited $((128 + signal)) "$signal" ;;
  esac
}

read -r pane <$run/pane
while :; do
  look
  # Returns when the agent's wrapper or the pane-died hook signals, and fails when the tmux server dies: no polling.
  # A signal to this shell only interrupts its wait; a waiter that was killed would swallow the next signal.
  tmux wait-for gc-ended &
  waiter=$!
  while kill -0 $waiter 2>/dev/null; do
    [ -n "$told_to_stop" ] && stop_agent
    wait $waiter
    [ -n "$told_to_stop" ] && stop_agent
    look
  done
  # An agent that signals the channel itself must not make this a busy loop.
  sleep 0.2 &
  wait $!
done
