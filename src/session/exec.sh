# Runs a shell command: $1 = its length in bytes on stdin, where the line "end" follows, and which ends with the caller;
# $2 = id of the operation, $3 = seconds and $4 = bytes of output after which it is ended. It comes by stdin and runs
# from a file, so that no process list shows it. It has no stdin of its own; its exit code is printed behind its output, because the script's own
# code says whether the box could be used. The output goes through a file: a background process that the command leaves
# would hold the exec open.
umask 077
command=/run/gc/exec-$2 group=/run/gc/exec-$2-group over=/run/gc/exec-$2-over output=/tmp/gc-exec-$2
trap 'rm -f "$command" "$group" "$over" "$output"' EXIT
trap 'exit 1' TERM
set -C
head -c "$1" >"$command"
: >"$output"
set +C
read -r end && [ "$end" = end ] || { echo 'the command arrived incomplete; nothing was run' >&2; exit 1; }

# Ends the command with all that it has started.
end_command() {
  read -r pid <"$group" || return 0
  kill -TERM "-$pid" 2>/dev/null || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    sleep 0.1
    kill -0 "-$pid" 2>/dev/null || return 0
  done
  kill -KILL "-$pid" 2>/dev/null || :
}
exec 3<&0
# Nobody waits for the command any more. Its end alone would let this script go on.
{ read -r _ || { echo 'nobody waits for the command' >"$over"; end_command; kill -TERM 0; }; } <&3 >/dev/null 2>&1 &
waiter=$!
# Uptime is read without a process; a command that is done before the first look costs no other.
{
  read -r now _ </proc/uptime
  end=$((${now%.*} + $3 + 1))
  while sleep 0.1; do
    read -r now _ </proc/uptime
    why=
    [ "${now%.*}" -lt $end ] || why="after $3 s"
    [ "$(stat -c %s "$output")" -le "$4" ] || why="because its output exceeds $4 bytes"
    [ -n "$why" ] || continue
    echo "the command was ended $why" >"$over"
    end_command
    break
  done
} </dev/null >/dev/null 2>&1 3<&- &
watcher=$!

code=0
# A shell says "Terminated" of a command that a signal has ended; that is not for the caller.
{
  (
    read -r pid _ </proc/self/stat
    echo "$pid" >"$group"
    set -- "$command"
    umask 022
    cd -P /run/gc/cwd && . /run/gc/env && exec setsid sh "$1"
  ) >"$output" 2>&1 </dev/null 3<&- || code=$?
} 2>/dev/null
kill -KILL $watcher || :
if [ -s "$over" ]; then
  # The first of its processes may have ended before the others.
  end_command
  kill -KILL $waiter || :
  cat "$over" >&2
  exit 1
fi
exec 4<"$output"
# Nobody waits for that: the output is open already.
rm -f "$command" "$group" "$over" "$output" </dev/null >/dev/null 2>&1 3<&- 4<&- &
trap 'kill -KILL $waiter || :' EXIT
cat <&4
printf '\0%s' "$code"
