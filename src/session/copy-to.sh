# Receives a tar stream of $1 bytes and a line with its checksum by cksum, unpacks it beside the destination and, only when
# that, tar's status and the number of entries ($3) agree, links everything into the directory $2.
umask 022
# A copy has ended within half a minute. What is older is of one that the runtime has killed.
find /workspace -mindepth 1 -maxdepth 1 -name '.gc-copy.*' -mmin +2 -exec rm -rf {} + || :
scratch=$(mktemp -d /workspace/.gc-copy.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
# A connection that breaks ends this shell by a signal, which alone would skip the line above.
trap 'exit 1' HUP PIPE TERM
fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

mkdir "$scratch/tree"
mkfifo "$scratch/summed" "$scratch/alive"
# A runtime may kill this shell outright. Then this one reads the end of a pipe that nobody else holds open.
{ read -r _ || rm -rf "$scratch"; } <"$scratch/alive" >/dev/null 2>&1 &
exec 5>"$scratch/alive"
cksum <"$scratch/summed" >"$scratch/sum" &
summing=$!
status=0
dd bs=256K iflag=fullblock,count_bytes count="$1" status=none | tee "$scratch/summed" |
  tar -x -p -o -b 512 -f - -C "$scratch/tree" || status=$?
wait $summing
read -r expected || fail 'the stream ended early; nothing was copied'
read -r actual <"$scratch/sum"
[ "$actual" = "$expected" ] || fail 'the stream arrived damaged; nothing was copied'
[ "$status" = 0 ] || fail 'tar could not unpack the stream; nothing was copied'
[ "$(find "$scratch/tree" -mindepth 1 | tr -dc '\n' | wc -c)" -ge "$3" ] || fail 'entries are missing; nothing was copied'
mkdir -p "$2" || fail "the directory $2 cannot be made"
case $(cd "$2" && pwd -P)/ in
/workspace/*) ;;
*) fail "the directory $2 leads out of the workspace" ;;
esac
# By its parts: the workspace itself belongs to root and cannot take the attributes of the tree's root. What is new there
# is renamed; only what meets something of its name stays behind, and is merged with it.
top() { find "$scratch/tree" -mindepth 1 -maxdepth 1 -exec "$@" {} +; }
top mv -n --target-directory="$2" -- || :
top cp -a -l -f --target-directory="$2" -- || fail "copying into $2 failed half-way"
