# Prints what the image lacks of what an agent's box needs; nothing when it has everything.
for tool in tmux bash sh tar base64 flock awk sed grep find head tail stat mktemp mkfifo mkdir tee b2sum cksum dd date cat chmod \
  cp kill ln mv rm sleep touch tr wc; do
  command -v "$tool" >/dev/null 2>&1 || printf '%s\n' "$tool"
done
# Formats, hooks and options of the launch came with tmux 3.2.
case $(tmux -V 2>/dev/null) in
'') ;;
'tmux '[0-2].* | 'tmux 3.0'* | 'tmux 3.1'*) printf 'tmux 3.2 or later (it has %s)\n' "$(tmux -V)" ;;
esac

# lacks WHAT PROGRAM…: prints WHAT when the program is there and does not take options that a box is driven with.
lacks() {
  what=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  "$@" >/dev/null 2>&1 </dev/null || printf '%s\n' "$what"
}
lacks 'GNU tar' tar -c -b 512 --keep-newer-files -f - -T /dev/null
lacks 'dd of GNU coreutils' dd bs=256K iflag=fullblock,count_bytes count=0 status=none
lacks 'mv of GNU coreutils' sh -c 'mv --help 2>&1 | grep -q -e --target-directory'
lacks 'flock of util-linux' flock -w 1 / true
lacks 'GNU sed' sed -u -e p
for tool in $1; do
  command -v "$tool" >/dev/null 2>&1 || printf '%s\n' "$tool"
done
