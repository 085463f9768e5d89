# Prints what the image lacks of what an agent's box needs; nothing when it has everything.
for tool in tmux bash sh tar base64 flock awk grep find head tail stat mktemp mkfifo tee b2sum dd date; do
  command -v "$tool" >/dev/null 2>&1 || printf '%s\n' "$tool"
done
# Formats, hooks and options of the launch came with tmux 3.2.
case $(tmux -V 2>/dev/null) in
'') ;;
'tmux '[0-2].* | 'tmux 3.0'* | 'tmux 3.1'*) printf 'tmux 3.2 or later (it has %s)\n' "$(tmux -V)" ;;
esac
for tool in $1; do
  command -v "$tool" >/dev/null 2>&1 || printf '%s\n' "$tool"
done
