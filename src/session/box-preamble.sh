# Runs before every script that drives a box: ends with 113 unless the box is the session's own ($1) and
# committed, or only launched where $final says so, with 114 when its agent has ended. A tmux that fails in any other way
# is no answer; it is not asked where $without_agent says so.
id=$1
shift
export LC_ALL=C.UTF-8
read -r own 2>/dev/null </run/gc/id && [ "$own" = "$id" ] && [ -e "/run/gc/${final:-committed}" ] || exit 113
read -r pane </run/gc/pane
ask() { dead=$(tmux display-message -p -t "$pane" '#{pane_dead}' 2>&1); }
# A server whose socket was swept from /tmp lives on, and makes it anew when told so.
revive() {
  server=$(cat /run/gc/server 2>/dev/null)
  grep -q tmux "/proc/$server/comm" 2>/dev/null && kill -USR1 "$server" && sleep 0.2
}
# The agent's wrapper leaves its status when the agent has ended, or was killed with it; PID 1 ends a box whose tmux has died.
wrapper_lives() {
  [ ! -e /run/gc/status ] && read -r _ _ state _ 2>/dev/null <"/proc/$wrapper/stat" && [ "$state" != Z ]
}
# PID 1 learns of it, too, should it have been told wrongly by tmux.
agent_ended() {
  kill -USR1 1
  exit 114
}
if [ -n "${without_agent:-}" ] && read -r wrapper 2>/dev/null </run/gc/wrapper; then
  wrapper_lives || agent_ended
elif ask || { revive && ask; }; then
  [ "$dead" = 0 ] || agent_ended
else
  case $dead in
  *'no server running'* | *'error connecting'* | *"can't find"* | *'server exited'* | *'lost server'*) exit 114 ;;
  esac
  printf 'tmux: %s\n' "$dead" >&2
  exit 1
fi
# A script that fails half-way must not look as if it were done.
set -e
