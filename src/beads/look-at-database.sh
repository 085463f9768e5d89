# Prints what a database says of itself, without becoming a workspace of it: `--readonly` goes on with no migration.
# $database stands before this, and the address.
look=$(mktemp -d) && mkdir -m 700 "$look/.beads" && cd "$look" || done_with 1
printf '{"database":"dolt","backend":"dolt","dolt_mode":"server","dolt_database":"%s"}' "$database" >.beads/metadata.json
export BEADS_DIR="$look/.beads"
bd --readonly sql --json "SELECT \`key\`, value FROM config WHERE \`key\` IN ('issue_prefix', 'types.custom', 'status.custom', 'gc.city')
UNION ALL SELECT \`key\`, value FROM metadata WHERE \`key\` = '_project_id'"
code=$?
cd / && rm -rf "$look"
done_with $code
