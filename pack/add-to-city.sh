#!/bin/sh
# Puts the pack into a city: usage: add-to-city.sh CITY_DIR [CITY_NAME]. Safe to repeat; settings that are there stay.
# GC_K8S_EXECUTABLE names the executable, else gc-k8s is taken from PATH.
set -eu

city=${1:?usage: add-to-city.sh CITY_DIR [CITY_NAME]}
[ -d "$city" ] || { echo "add-to-city.sh: there is no city at \"$city\"" >&2; exit 1; }
name=${2:-$(basename "$(cd "$city" && pwd)")}
case $name in *[!A-Za-z0-9._-]*) echo "add-to-city.sh: name the city: \"$name\" is no plain name" >&2; exit 1 ;; esac
executable=${GC_K8S_EXECUTABLE:-$(command -v gc-k8s || true)}
[ -x "$executable" ] || { echo 'add-to-city.sh: gc-k8s is not on PATH; set GC_K8S_EXECUTABLE' >&2; exit 1; }

here=$(cd "$(dirname "$0")" && pwd)
pack=$city/packs/gc-k8s
mkdir -p "$pack"
cp "$here/pack.toml" "$pack/pack.toml"
for link in gc-k8s gc-session-k8s gc-beads-k8s gc-events-k8s; do
  ln -sfn "$(cd "$(dirname "$executable")" && pwd)/$(basename "$executable")" "$pack/$link"
done
[ -e "$pack/gc-k8s.toml" ] || sed "s/\"CITY\"/\"$name\"/" "$here/gc-k8s.toml" >"$pack/gc-k8s.toml"

# gc looks for "exec:" from wherever it was started, which for its supervisor is not the city: only a whole path is found.
config=$city/city.toml
[ ! -f "$config" ] || {
  whole=$(cd "$pack" && pwd | sed 's/[&#\\]/\\&/g')
  sed -E "s#\"exec:[^\"]*packs/gc-k8s/(gc-(beads|events)-k8s)\"#\"exec:$whole/\\1\"#" "$config" >"$config.new"
  cmp -s "$config" "$config.new" || cat "$config.new" >"$config"
  rm "$config.new"
}

# gc names the database of every city "hq" unless this file names another, and a Dolt server has only one of that name.
# A city that has run keeps the one that it has.
[ -e "$city/.gc" ] || [ -e "$city/.beads" ] || {
  mkdir "$city/.beads"
  database=$(printf 'hq_%.60s' "$name" | tr -c 'A-Za-z0-9_' _)
  printf '{ "dolt_database": "%s" }\n' "$database" >"$city/.beads/metadata.json"
}
