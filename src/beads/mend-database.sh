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
    case $said in *'"part"'*) remake_database ;; esac
    ;;
  *'"part"'*) mended 46 'it holds tables of something else than bd; name another database' ;;
  '[]') ;;
  *) mended 1 "$said" ;;
  esac
  cd / && rm -rf "$mend"
}

# Drops it unless somebody works in it, or something is in it.
remake_database() {
  ask "SELECT id AS client FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
  case $said in *'"client"'*) mended 47 'timed out: another client is making it' ;; esac
  for table in issues wisps; do
    said=$(bd --readonly sql --json "SELECT 1 AS bead FROM $table LIMIT 1" 2>&1)
    case $said in
    *'"bead"'*) mended 46 "a migration of it was cut short, and it has beads: commit or reset what is half done in Dolt" ;;
    '[]' | *'table not found'*) ;;
    *) mended 47 "$said" ;;
    esac
  done
  # bd works in a database that it can open only.
  mkdir -m 700 "$mend/spare" "$mend/spare/.beads" && cd "$mend/spare" || done_with 1
  export BEADS_DIR="$mend/spare/.beads"
  step bd init --server "--database=$spare" "--prefix=$prefix" --skip-hooks --skip-agents --non-interactive --quiet
  step bd sql "DROP DATABASE IF EXISTS \`$database\`"
  step bd sql "DROP DATABASE \`$spare\`"
}

# ask SQL: what the unfinished database answers, in $said.
ask() { said=$(bd --readonly sql --json "$1" 2>&1) || mended $? "$said"; }

# mended CODE TEXT: ends, because it cannot be done.
mended() {
  cd / && rm -rf "$mend"
  printf '%s' "$2"
  done_with "$1"
}
