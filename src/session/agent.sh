#!/bin/sh
# The pane's process: runs the agent and tells PID 1 its status. tmux would tell it too, but tmux 3.3 can lose the
# SIGCHLD of a pane that ends while a client talks to it, and then never learns that its program has ended.
# The command is a file, because an argument would show it to everyone who may list processes.
echo $$ >/run/gc/wrapper
shell=/bin/sh
[ -x /bin/bash ] && shell=/bin/bash
# Keys that signal the terminal's foreground are the agent's; with a trap this shell outlives them, the agent does not inherit it.
trap : INT QUIT TERM HUP
if [ -s /run/gc/command ]; then "$shell" /run/gc/command; else "$shell"; fi
status=$?
printf '%d\n' $status >/run/gc/status
tmux wait-for -S gc-ended
exit $status
