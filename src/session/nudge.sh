# Types a text: $1 = id of the operation, $2 = length of the text on stdin in bytes, $3 = seconds that the agent
# gets to read it, $4 = "enter" to press Enter after it. An agent's first text has more, and then the box goes on by
# itself when the caller has waited long enough: $5 = tenths of a second that the caller waits, $6 = seconds before the
# text, $7 = seconds for which its sign of readiness is awaited, $8 = that sign: the begin of a line, "" = any output,
# $9 = regular expression of questions that it asks at its start, which the text must not answer.
run=/run/gc
text=$run/nudge-$1-$$
fail() {
  printf '%s\n' "$1" >&2
  rm -f "$text"
  exit 1
}

umask 077
head -c "$2" >"$text"
[ "$(wc -c <"$text")" -eq "$2" ] || fail 'the text arrived incomplete; nothing was typed'
# A repetition goes on where the connection was lost: what is marked as done is not done again.
is_done() { [ -e $run/nudged ] && grep -qxF "$1" $run/nudged; }

# One text at a time: two pastes would otherwise share one Enter.
type_text() {
  end=$(($(date +%s) + $3))
  exec 9>$run/nudge-lock
  flock -w "$3" 9 || fail 'another text is being typed; nothing was typed'
  if ! is_done "$1"; then
    [ "$(date +%s)" -lt "$end" ] || fail 'another text took too long; nothing was typed'
    if [ "$2" -gt 0 ]; then
      tmux load-buffer -b "gc-$1" "$text" && tmux paste-buffer -p -r -d -b "gc-$1" -t "$pane" || fail 'tmux did not take the text'
    fi
    printf '%s\n' "$1" >>$run/nudged
  fi
  rm -f "$text"
  if ! is_done "$1 done"; then press_enter "$@"; fi
}

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
  if [ "$4" = enter ]; then
    printf '\r' | tmux load-buffer -b "gc-$1" - && tmux paste-buffer -r -d -b "gc-$1" -t "$pane" ||
      fail 'tmux did not take Enter'
  fi
  printf '%s\n' "$1 done" >>$run/nudged
}

# Returns when a new agent takes its first text, or has not shown for so long that it does. gc answers the questions that
# agents ask at their start only after the start, one after another; a text would choose what they offer first.
wait_ready() {
  sleep "$6"
  prompt=$8 questions=$9 bash -c '
    pane=$1 id=$2 patience=$3 give_up=$4 quiet=0 since=0
    look() {
      tmux -u capture-pane -p -t "$pane" | awk "
        { sub(/^[ \t]+/, \"\") }
        \$0 ~ ENVIRON[\"questions\"] { asks = 1 }
        # A prompt with a number behind it is a menu that points at one of its lines.
        index(\$0, ENVIRON[\"prompt\"]) == 1 && substr(\$0, length(ENVIRON[\"prompt\"]) + 1) !~ /^ *[0-9]+[.)]/ { ready = 1 }
        ENVIRON[\"prompt\"] == \"\" && \$0 != \"\" { ready = 1 }
        END { print asks ? \"asks\" : ready ? \"ready\" : \"\" }"
    }
    while :; do
      case $(look) in
        asks)
          [ $quiet = 0 ] && echo "$id asks" >>/run/gc/nudged
          [ $SECONDS -ge $give_up ] && exit 1
          quiet=10 since=$SECONDS
          ;;
        # The next question follows on the one before, so after one it has to be quiet for a while.
        ready) [ $((quiet--)) -le 0 ] && exit ;;
        *) [ $((SECONDS - since)) -ge $patience ] && exit ;;
      esac
      sleep 0.1
    done
  ' gc-first-text "$pane" "$1" "$7" "$3" || fail 'the agent goes on asking; its first text was not typed'
}

if [ -z "${5:-}" ]; then
  type_text "$@"
else
  # Braces, because for a function alone dash keeps copies of the descriptors, and the exec would last as long.
  if mkdir "$run/first-text-$1" 2>/dev/null; then
    { wait_ready "$@" && type_text "$@"; } </dev/null >/dev/null 2>"$run/first-text-$1/problem" &
  else
    rm -f "$text"
  fi
  for _ in $(seq "$5"); do
    grep -qx "$1 done\|$1 asks" $run/nudged 2>/dev/null && break
    if [ -s "$run/first-text-$1/problem" ]; then
      cat "$run/first-text-$1/problem" >&2
      exit 1
    fi
    sleep 0.1
  done
fi
