# Prints the file $1, then NUL and what cksum says of exactly the bytes that were printed. It keeps nothing in the box
# meanwhile: a runtime kills what a broken connection has begun, and then nothing is left to remove.
cd -P /run/gc/cwd
[ -f "$1" ] && [ -r "$1" ] || {
  printf 'no readable file: %s\n' "$1" >&2
  exit 1
}
exec 4>&1
# A read error makes the checksum another one, and so the copy a damaged one.
sum=$({ tee /dev/fd/3 <"$1" 3>&1 >&4 || echo failed; } | cksum)
printf '\0%s' "$sum"
