# Runs before every script in the runner. $runner, $scope (a prefix, or empty), $path (hash of the city's path, or empty)
# and $limit (seconds) stand before it. Ends with 113 in a runner that is another city's, with 114 when the scope is not
# set up here, with 115 when it was set up by a city of another path.
[ "$GC_BEADS_RUNNER" = "$runner" ] || exit 113
exec </dev/null
umask 077
scopes=$HOME/scopes
home=$scopes/$scope
if [ -n "$scope" ]; then
  [ -r "$home/env" ] && [ -e "$home/.beads/metadata.json" ] || exit 114
  . "$home/env"
  [ -z "$path" ] || [ -z "$GC_SCOPE_PATH" ] || [ "$path" = "$GC_SCOPE_PATH" ] || exit 115
  cd "$home"
fi

# A description that bd would take for "read stdin" is read from here.
[ -s "$HOME/dash" ] || { printf '%s' - >"$HOME/dash.$$" && mv "$HOME/dash.$$" "$HOME/dash"; }

# Without a status bd leaves out pinned beads, too.
not_closed=open,in_progress,blocked,deferred,pinned,hooked$GC_CUSTOM_STATUSES

# bd WORD…: the real one, which ends when nobody waits for it any longer. It lives too short for collecting garbage to pay:
# that starts where the memory would be missed. So no more of them run at a time than the memory is enough for: each holds
# one of $GC_BEADS_SLOTS locks, whichever is free, or waits for the one that it asked first.
export GOGC=off GOMEMLIMIT=256MiB
bd() {
  slot=${GC_BEADS_SLOTS:-6}
  while [ "$slot" -gt 0 ]; do
    timeout -k 2 "$limit" flock -F -n -E 99 "$HOME/slot.$((($$ + slot) % ${GC_BEADS_SLOTS:-6}))" bd "$@"
    ended=$?
    [ "$ended" -eq 99 ] || return "$ended"
    slot=$((slot - 1))
  done
  timeout -k 2 "$limit" flock -F "$HOME/slot.$(($$ % ${GC_BEADS_SLOTS:-6}))" bd "$@"
}

# done_with CODE: the last that a script prints; without it the output is incomplete.
done_with() {
  printf '\0done %d\n' "$1"
  exit 0
}

# list_beads WORD…: every kind of bead, of which bd hides many.
list_beads() { bd list --json --flat --limit 0 --include-infra --include-gates --include-templates "$@"; }

# must_exist ID…: ends with 44 unless each is the whole id of a bead. bd itself takes the beginning of one for it.
# What was seen once is remembered, so that beads which are written again and again cost no second bd.
must_exist() {
  unknown=
  for id; do grep -qxF -e "$id" known 2>/dev/null || unknown=$unknown,$id; done
  [ -n "$unknown" ] || return 0
  found=$(list_beads --all --id="${unknown#,}") || {
    code=$?
    printf '%s' "$found"
    done_with "$code"
  }
  for id; do
    case $unknown, in *",$id,"*)
      case $found in
      *"\"id\": \"$id\""*) printf '%s\n' "$id" >>known ;;
      *)
        printf '%s' "$id"
        done_with 44
        ;;
      esac
      ;;
    esac
  done
}

# remember ID: after a bd that made it; passes on how that ended.
remember() {
  code=$?
  [ "$code" -ne 0 ] || printf '%s\n' "$1" >>known
  return "$code"
}

# forget ID: it will be looked for again.
forget() {
  grep -vxF -e "$1" known >"known.$$" 2>/dev/null
  mv "known.$$" known
}
