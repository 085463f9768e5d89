# The launch of an agent in its box: one exec whose stdin carries a tar stream of $2 bytes (the session's
# own files below run/gc and what is staged below workspace), then the word "commit".
# It prints "launched" when the agent runs, and undoes everything unless the commit arrives.
# $1 = seconds from the box's start after which PID 1 gives the launch up; $3 = options of tar; $4 = programs that the
# image must hold; $5 = "log" to mirror the screen into the container's log.
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
status=0
# Options are words without blanks. tar may read beyond the archive's end, so dd leaves the commit to this shell. What tar
# says is kept in no file: the volume may be full.
# shellcheck disable=SC2086
said=$(dd bs=256K iflag=fullblock,count_bytes count="$2" status=none | tar -x -p -o $3 -b 512 -f - -C / 2>&1) || status=$?
# In a workspace that was there before, the agent may have put something of another kind in a staged file's place: it stays.
if [ -n "$3" ] && [ "$status" = 2 ]; then
  said=$(printf '%s\n' "$said" | sed -E -e '/^tar: Exiting with failure status due to previous errors$/d' \
    -e "s/^tar: (.*): (Cannot (open|mkdir|create symlink to .*)|Warning: Cannot stat): (File exists|Is a directory|Not a directory)$/staging: left out: \1: \4/")
  printf '%s\n' "$said" | grep -q -v '^staging: left out: ' || status=0
fi
[ -z "$said" ] || printf '%s\n' "$said" >&2
[ "$status" = 0 ] || abandon 'staging failed: see the messages of tar before this line'
# The archive's last entry. tar is content with a stream that ends between two entries.
[ -e $run/staged ] || abandon 'staging failed: the stream ended early'
chmod 0700 $run/agent
for tool in $4; do
  command -v "$tool" >/dev/null || abandon "the image lacks $tool, which GC_K8S_TOOLING promises"
done
work_dir=$(cat $run/work-dir && echo x) && work_dir=${work_dir%x}
mkdir -p "$work_dir" || abandon "the work directory cannot be made: $work_dir"
# Scripts of later operations go there without reading a name first.
ln -s "$work_dir" $run/cwd

# The home directory: the claim's, filled from the image's; the image's own where its user can write; else one of ours.
image_home=${HOME:-/}
if [ -w /home/gc-agent ]; then
  home=/home/gc-agent
  case $image_home in / | $home) ;; *) cp -a -n "$image_home/." $home/ 2>/dev/null ;; esac
elif [ "$image_home" != / ] && [ -w "$image_home" ]; then
  home=$image_home
else
  home=/tmp/gc-home
  mkdir -p $home || abandon "the home directory cannot be made: $home"
fi
printf '%s\n' "$home" >$run/home

# A file of the secret is copied when the secret has changed since the last copy, or the copy is gone: else what is there
# may be what the agent has renewed, and the secret's file is the newer one at each start.
if [ -d /tmp/claude-secret ]; then
  mkdir -p "$home/.claude"
  for file in /tmp/claude-secret/* /tmp/claude-secret/.[!.]*; do
    [ -f "$file" ] || continue
    sum=$(b2sum "$file")
    if [ -e "$home/.claude/${file##*/}" ] && grep -q -s -x -F "$sum" "$home/.gc-copied"; then :; else
      cp -L "$file" "$home/.claude/" || {
        printf 'credentials: the secret could not be copied to %s/.claude\n' "$home" >&2
        continue
      }
    fi
    printf '%s\n' "$sum"
  done >$run/copied
  cp $run/copied "$home/.gc-copied"
fi

# A command that fails before the start is reported and, as upstream has it, stops nothing. Which one runs is told, for the
# case that it does not end; its text may hold a secret.
count=0
for command in $run/pre-start-*; do
  [ -e "$command" ] || break
  printf 'phase: pre_start %d\n' $((count += 1)) >&2
  (set -- "$command" "$work_dir" && umask 022 && . $run/env && cd "$2" && exec sh "$1") >$run/pre-start.log 2>&1 </dev/null ||
    printf 'pre_start: a command ended with %d: %s\n' $? "$(tail -n 1 $run/pre-start.log)" >&2
done

[ "$count" = 0 ] || printf 'phase: launch\n' >&2

# Read by people, so line by line and without what moves cursors and sets colours; PID 1 marks where the last screen begins.
mirror=
if [ "$5" = log ]; then
  : >$run/log-screen
  mirror="sed -u -e 's/\x1b\[[0-9;?]*[ -\/]*[@-~]//g' -e 's/\x1b[^[]//g' -e 's/\r//g' >/proc/1/fd/1"
fi

# tmux gets the agent's environment, so that every window of the session has it.
# The identity that gc asks for becomes the session's metadata, where no client's own variables may replace it.
# The pane's process is the wrapper itself: dash, which tmux takes for a user without a name, would stay before it.
# remain-on-exit keeps status, screen and metadata of an ended agent until PID 1 has saved them.
# The mirror begins in the same command, before tmux reads anything of the agent; an empty one is none.
# The agent's variables may have any name, so nothing of this script is named after they are read; the directory is not
# an option of tmux, which would expand formats in it.
(
  umask 022
  set -- "$mirror"
  cd "$work_dir" && . /run/gc/env || exit 1
  unset TMUX TMUX_PANE TMUX_TMPDIR
  exec tmux -u -f /dev/null start-server \; set-option -g history-limit 10000 \; set-option -g exit-empty on \; \
    set-option -g update-environment '' \; set-hook -g pane-died 'wait-for -S gc-ended' \; \
    new-session -d -s main -P -F '#{pane_id}' 'exec /run/gc/agent' \; \
    set-option -p remain-on-exit on \; pipe-pane -o "$1" \; source-file /run/gc/identity
) >$run/pane || abandon 'tmux could not start the agent'

tmux display-message -p '#{pid}' \; display-message -p '#{socket_path}' >$run/tmux
{ read -r server && IFS= read -r socket; } <$run/tmux
printf '%s\n' "$server" >$run/server
# gc in the box asks for the server by its city's name.
while IFS= read -r name; do ln -s -f "${socket##*/}" "${socket%/*}/$name"; done <$run/socket-names

: >$run/launched
printf 'launched\n'
read -r word && [ "$word" = commit ] || abandon 'the launch was not committed'
: >$run/committed
printf 'committed\n'
kill -USR1 1
