# The launch of an agent in its box: one exec whose stdin carries a tar stream of $2 bytes (the session's
# own files below run/gc and what is staged below workspace), then the word "commit".
# It prints "launched" when the agent runs, and undoes everything unless the commit arrives.
# $1 = seconds from the box's start after which PID 1 gives the launch up.
set -u
umask 077
export LC_ALL=C.UTF-8
run=/run/gc

# TERM makes PID 1 end the box, and with it everything that this script started.
abandon() {
  printf '%s\n' "$1" >&2
  kill -TERM 1
  exit 1
}

(set -C && printf '%s %s\n' $$ "$1" >$run/launcher) 2>/dev/null || {
  echo 'the box has been launched before' >&2
  exit 1
}
head -c "$2" | tar -x -p -o -f - -C / || abandon 'staging failed: see the messages of tar before this line'
chmod 0700 $run/agent
work_dir=$(cat $run/work-dir && echo x) && work_dir=${work_dir%x}
mkdir -p "$work_dir" || abandon "the work directory cannot be made: $work_dir"

# A command that fails before the start is reported and, as upstream has it, stops nothing.
for command in $run/pre-start-*; do
  [ -e "$command" ] || break
  (set -- "$command" "$work_dir" && umask 022 && . $run/env && cd "$2" && exec sh "$1") >$run/pre-start.log 2>&1 </dev/null ||
    printf 'pre_start: a command ended with %d: %s\n' $? "$(tail -n 1 $run/pre-start.log)" >&2
done

# tmux gets the agent's environment, so that every window of the session has it.
# The identity that gc asks for becomes the session's metadata, where no client's own variables may replace it.
# remain-on-exit keeps status, screen and metadata of an ended agent until PID 1 has saved them.
# The agent's variables may have any name, so nothing of this script is named after they are read; the directory is not
# an option of tmux, which would expand formats in it.
(
  umask 022
  cd "$work_dir" && . /run/gc/env || exit 1
  unset TMUX TMUX_PANE TMUX_TMPDIR
  exec tmux -u -f /dev/null start-server \; set-option -g history-limit 10000 \; set-option -g exit-empty on \; \
    set-option -g update-environment '' \; set-hook -g pane-died 'wait-for -S gc-ended' \; \
    new-session -d -s main -P -F '#{pane_id}' /run/gc/agent \; \
    set-option -p remain-on-exit on \; source-file /run/gc/identity
) >$run/pane || abandon 'tmux could not start the agent'

tmux display-message -p '#{pid}' >$run/server

printf 'launched\n'
: >$run/launched
read -r word && [ "$word" = commit ] || abandon 'the launch was not committed'
: >$run/committed
kill -USR1 1
