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

# row_has FIELD TEXT: whether a row in $found has exactly this text there; deeper in a row such a line is indented further.
row_has() {
  case $found in
  *"
    \"$1\": \"$2\""*) ;;
  *) return 1 ;;
  esac
}

# read_rows ID…: leaves the rows of those that are there in $found; ends as bd does when it fails.
read_rows() {
  all=
  for id; do all=$all,$id; done
  found=$(list_beads --all --id="${all#,}") || {
    code=$?
    printf '%s' "$found"
    done_with "$code"
  }
}

# look_up ID…: ends with 44 unless each is the whole id of a bead, and leaves their rows in $found. bd itself takes the
# beginning of an id for it.
look_up() {
  read_rows "$@"
  for id; do
    row_has id "$id" || {
      printf '%s' "$id"
      done_with 44
    }
  done
}

# must_exist ID…: like look_up; but what was seen in the last seconds counts, so that beads which are written again and
# again cost no second bd. $found has only what was looked up.
must_exist() {
  found=
  for id; do
    shift
    is_known "$id" || set -- "$@" "$id"
  done
  [ $# -gt 0 ] || return 0
  look_up "$@"
  # `close` needs the reason that is in such a row.
  case $found in *'"close_reason":'*) ;; *) remember "$@" ;; esac
}

# A bead that is remembered is a file of the 5 s in which it was seen, of which the last two count: somebody else may
# delete it. Neither looking nor remembering costs a process.
now_in_5s() {
  read -r uptime _ </proc/uptime
  now=$((${uptime%.*} / 5))
}
is_known() {
  now_in_5s
  [ -e "known.$now.$1" ] || [ -e "known.$((now - 1)).$1" ]
}

# remember ID…: they were seen just now.
remember() {
  now_in_5s
  [ -e "known.$now" ] ||
    find . -maxdepth 1 '(' -name 'known.*' ! -name "known.$((now - 1))" ! -name "known.$((now - 1)).*" \
      ! -name "known.$now.*" -o -name 'reason-*' -empty ')' -delete
  # An id that cannot be part of a file's name is looked up each time.
  for id in '' "$@"; do printf '' >"known.$now${id:+.$id}" 2>/dev/null || :; done
}

# Nothing is remembered after this.
forget() { rm -f known.*; }
