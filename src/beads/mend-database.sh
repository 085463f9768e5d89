# mend_database: makes of what a `bd init` left that was cut short something that the next one takes. bd goes on from whole
# migrations only: a database with half of one, and no beads, is dropped, to be made anew. $database, $prefix and $spare (a
# name that no database has) stand before it.
mend_database() {
  mend=$(mktemp -d) && mkdir -m 700 "$mend/half" "$mend/half/.beads" && cd "$mend/half" || done_with 1
  printf '{"database":"dolt","backend":"dolt","dolt_mode":"server","dolt_database":"%s"}' "$database" >.beads/metadata.json
  export BEADS_DIR="$mend/half/.beads"
  said=$(bd --readonly sql --json "SELECT table_name AS part FROM information_schema.tables WHERE table_schema = DATABASE()" 2>&1)
  case $said in
  *'not found on Dolt server'*) ;;
  *schema_migrations*)
    ask "SELECT table_name AS part FROM dolt_status"
    # bd does not commit all that it writes: a finished one may look like this, too.
    case $said in *'"part"'*) is_finished || remake_database ;; esac
    ;;
  *'"part"'*) mended 46 'it holds tables of something else than bd; name another database' ;;
  '[]') ;;
  *) mended 1 "$said" ;;
  esac
  cd / && rm -rf "$mend"
}

# Drops it unless somebody works in it, or something is in it. Making what bd needs for that takes seconds, in which the
# database may become somebody's.
remake_database() {
  is_nobodys
  # bd works in a database that it can open only.
  mkdir -m 700 "$mend/spare" "$mend/spare/.beads" && cd "$mend/spare" && export BEADS_DIR="$mend/spare/.beads" || done_with 1
  step bd init --server "--server-user=$BEADS_DOLT_SERVER_USER" "--database=$spare" "--prefix=$prefix" --skip-hooks --skip-agents --non-interactive --quiet
  cd "$mend/half" && export BEADS_DIR="$mend/half/.beads" || done_with 1
  dropped=$database
  if is_finished; then dropped=; else is_nobodys; fi
  cd "$mend/spare" && export BEADS_DIR="$mend/spare/.beads" || done_with 1
  [ -z "$dropped" ] || step bd sql "DROP DATABASE IF EXISTS \`$dropped\`"
  step bd sql "DROP DATABASE \`$spare\`"
}

# has_row TABLE: false for a table that is not there; ends when that cannot be told.
has_row() {
  said=$(bd --readonly sql --json "SELECT 1 AS found FROM $1 LIMIT 1" 2>&1)
  case $said in
  *'"found"'*) ;;
  '[]' | *'table not found'*) return 1 ;;
  *) mended 47 "$said" ;;
  esac
}

# The prefix is what comes last.
is_finished() { has_row "config WHERE \`key\` = 'issue_prefix'"; }

# Ends unless the unfinished database may be dropped.
is_nobodys() {
  for table in issues wisps; do
    ! has_row "$table" || mended 46 "a migration of it was cut short, and it has beads: commit or reset what is half done in Dolt"
  done
  ask "SELECT id AS client FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
  case $said in *'"client"'*) mended 47 'timed out: another client is making it' ;; esac
}

# ask SQL: what the unfinished database answers, in $said.
ask() { said=$(bd --readonly sql --json "$1" 2>&1) || mended $? "$said"; }

# mended CODE TEXT: ends, because it cannot be done.
mended() {
  # What was made for it goes, too.
  [ ! -e "$mend/spare/.beads/metadata.json" ] || (cd "$mend/spare" && BEADS_DIR=$PWD/.beads && bd sql "DROP DATABASE \`$spare\`" >/dev/null 2>&1)
  cd / && rm -rf "$mend"
  printf '%s' "$2"
  done_with "$1"
}
