# PID 1 of a beads runner. It only keeps the container and ends at once when told to; whatever runs here comes by exec.
trap 'exit 0' TERM INT
mkdir -p "$HOME/scopes"
while :; do
  # A shell that waits also collects the processes that an exec left behind.
  sleep 3600 &
  wait $!
done
