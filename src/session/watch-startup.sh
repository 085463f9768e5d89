# Prints the agent's screen at once and whenever it changes, each followed by NUL, for $1 seconds at most. Standard
# input ends with the caller, and this script with it.
exec bash -c '
  pane=$1 end=$((SECONDS + $2)) last=x
  while [ $SECONDS -lt $end ]; do
    screen=$(tmux -u capture-pane -p -t "$pane" && [ "$(tmux display-message -p -t "$pane" "#{pane_dead}")" = 0 ]) || break
    if [ "$screen" != "$last" ]; then printf "%s\0" "$screen"; last=$screen; fi
    read -r -t 0.05 _
    [ $? -gt 128 ] || break
  done
' gc-watch-startup "$pane" "$1"
