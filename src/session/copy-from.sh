# Prints the file $1, then NUL and the SHA-256 of exactly the bytes that were printed.
cd "$(cat /run/gc/work-dir)"
[ -f "$1" ] && [ -r "$1" ] || {
  printf 'no readable file: %s\n' "$1" >&2
  exit 1
}
scratch=$(mktemp -d /run/gc/copy.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
mkfifo "$scratch/hashed"
sha256sum <"$scratch/hashed" >"$scratch/sum" &
tee "$scratch/hashed" <"$1"
wait
read -r sum _ <"$scratch/sum"
printf '\0%s' "$sum"
