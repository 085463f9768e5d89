# Types a text: $1 = id of the operation, $2 = length of the text on stdin in bytes, $3 = seconds that the agent
# gets to read it, $4 = "wait" to wait first until a new agent shows something, $5 = "enter" to press Enter after it,
# $6 = seconds that the agent gets beyond the first of them while this script's caller goes on, "" = none.
run=/run/gc
text=$run/nudge-$1-$$
end=$(($(date +%s) + $3))
fail() {
  printf '%s\n' "$1" >&2
  rm -f "$text"
  exit 1
}

umask 077
head -c "$2" >"$text"
[ "$(wc -c <"$text")" -eq "$2" ] || fail 'the text arrived incomplete; nothing was typed'
# One text at a time: two pastes would otherwise share one Enter.
exec 9>$run/nudge-lock
flock -w "$3" 9 || fail 'another text is being typed; nothing was typed'
# A repetition goes on where the connection was lost: what is marked as done is not done again.
is_done() { [ -e $run/nudged ] && grep -qxF "$1" $run/nudged; }

if ! is_done "$1"; then
  [ "$(date +%s)" -lt "$end" ] || fail 'another text took too long; nothing was typed'
  if [ "$4" = wait ]; then
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      tmux capture-pane -p -t "$pane" | grep -q . && break
      sleep 0.1
    done
  fi
  if [ "$2" -gt 0 ]; then
    tmux load-buffer -b "gc-$1" "$text" && tmux paste-buffer -p -r -d -b "gc-$1" -t "$pane" || fail 'tmux did not take the text'
  fi
  printf '%s\n' "$1" >>$run/nudged
fi
rm -f "$text"

press_enter() {
  tty=$(tmux display-message -p -t "$pane" '#{pane_tty}')
  server=$(tmux display-message -p '#{pid}')
  bash -c '
    tty=$1 server=$2 until=$((SECONDS + $3))
    exec 3<"$tty" || exit 1
    # Bytes that the server has written so far; "-" where the kernel does not count them.
    written() { local k v; w=-; while read -r k v; do [ "$k" = wchar: ] && w=$v; done 2>/dev/null </proc/$server/io; }
    # Nothing to read in the terminal, the server asleep, and nothing written between two looks:
    # then the server has no rest of the text either, because an empty terminal would have woken it.
    consumed() {
      local before state
      written; before=$w
      read -t 0 -u 3 && return 1
      read -r state 2>/dev/null </proc/$server/stat
      state=${state##*) }
      [ "${state%% *}" = S ] || return 1
      read -t 0 -u 3 && return 1
      written
      [ "$w" = "$before" ]
    }
    pause=0.01
    for ((calm = 0; calm < 2; )); do
      if consumed; then calm=$((calm + 1)); else calm=0; fi
      [ $SECONDS -ge $until ] && exit 1
      # An agent that has not read by now is looked at less often.
      [ $SECONDS -ge 5 ] && pause=0.2
      sleep $pause
    done
  ' gc-nudge "$tty" "$server" "$((end - $(date +%s)))" || fail 'the agent did not read its input in time: the text is typed, Enter is not pressed'
  # Enter as a byte of its own: a key press would go to copy mode when somebody scrolls.
  if [ "$5" = enter ]; then
    printf '\r' | tmux load-buffer -b "gc-$1" - && tmux paste-buffer -r -d -b "gc-$1" -t "$pane" ||
      fail 'tmux did not take Enter'
  fi
  printf '%s\n' "$1 done" >>$run/nudged
}

if is_done "$1 done"; then
  :
elif [ -z "$6" ]; then
  press_enter "$@"
else
  # The lock goes along, so a text that follows keeps its place. Most agents read at once.
  # Braces, because for a function alone dash keeps copies of the descriptors, and the exec would last as long.
  end=$(($(date +%s) + $6))
  { press_enter "$@"; } </dev/null >/dev/null 2>&1 &
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    is_done "$1 done" && break
    sleep 0.1
  done
fi
