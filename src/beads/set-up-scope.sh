# Makes the scope's workspace, and the database when there is none. Before this stand $prefix, $database, $owner,
# $isOwned ("yes" = it says so already), $project (its identity, "" = it is to be made), $types ("" = as they are) and
# $env, the text of the workspace's `env` file, whose BEADS_DIR is where the workspace will be; and mend_database.
mkdir -p "$scopes" && exec 9>"$scopes/$prefix.lock" || done_with 1
flock -w "$limit" 9 || {
  echo 'timed out waiting for another operation that sets the scope up; that goes on, so try again' >&2
  done_with 1
}
home=$scopes/$prefix
# Many operations miss a scope at once; the first sets it up.
[ -z "$types" ] && [ -e "$home/.beads/metadata.json" ] && [ "$(cat "$home/env")" = "$env" ] && done_with 0
# A migration that is cut short leaves a database that bd refuses: it goes on even when its client has gone.
limit=110
new=$home.new
rm -rf "$new" && mkdir -p "$new" && mkdir -m 700 "$new/.beads" && cd "$new" || done_with 1
printf '%s\n' "$env" >env && . ./env || done_with 1
# step WORD…: ends with the step's own code and words when it fails.
step() {
  said=$("$@" 9>&-) && return
  code=$?
  printf '%s' "$said"
  done_with "$code"
}
mend_database
cd "$new" && export BEADS_DIR="$new/.beads" || done_with 1
if [ -n "$project" ]; then
  printf '{"database":"dolt","backend":"dolt","dolt_mode":"server","dolt_database":"%s","project_id":"%s"}' \
    "$database" "$project" >.beads/metadata.json
else
  # With --database bd takes over one that is there; without, it would give it a new identity.
  # Of the address it takes all but the user from its environment.
  step bd init --server "--server-user=$BEADS_DOLT_SERVER_USER" "--database=$database" "--prefix=$prefix" --skip-hooks --skip-agents --non-interactive --quiet
fi
if [ -z "$isOwned" ]; then
  step bd sql "INSERT IGNORE INTO config (\`key\`, value) VALUES ('gc.city', '$owner')"
  step bd sql --json "SELECT CONCAT('is ', c.value, ' ', p.value) AS mark FROM config c, config p WHERE c.\`key\` = 'gc.city' AND p.\`key\` = 'issue_prefix'"
  case $said in
  *"\"is $owner $prefix\""*) ;;
  *)
    printf 'another city was first, or its prefix is another one: %s' "$said"
    done_with 45
    ;;
  esac
fi
[ -z "$types" ] || step bd config set types.custom "$types"
rm -rf "$home" && mv "$new" "$home"
done_with $?
