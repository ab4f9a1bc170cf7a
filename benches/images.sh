#!/usr/bin/env bash
# Puts real images through every mode and profile and lets other tools judge each result.
#
#   benches/images.sh DIR [NAME…]   DIR holds OCI layouts with the tag `latest`; all of them, or those named
#
# A result must unpack with umoci to the source's files less what the JSON report lists, and survive the way through
# skopeo's docker-archive and back. Prints a table: compressed bytes before and after, seconds, peak memory.
# Needs root, umoci, skopeo, jq, python3 and time. Environment: OCI_SLIM (the program, default target/release/oci-slim),
# MODES, PROFILES, SCRATCH (a directory with room for an unpacked image three times), FLAGS (for every run).
set -euo pipefail
images=${1:?usage: $0 DIR [NAME…]}; shift
here=$(cd "$(dirname "$0")" && pwd)
slim=${OCI_SLIM:-$here/../target/release/oci-slim}
read -ra modes <<< "${MODES:-keep squash squash-above=1}"
read -ra profiles <<< "${PROFILES:-safe lean}"
read -ra flags <<< "${FLAGS:-}"
work=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$work"' EXIT
failed=0

[ $# -gt 0 ] || set -- $(for layout in "$images"/*/oci-layout; do basename "$(dirname "$layout")"; done)

bytes() { # of all layers, as stored
  local manifest
  manifest=$(jq -r '.manifests[0].digest' "$1/index.json")
  jq '[.layers[].size] | add // 0' "$1/blobs/${manifest/://}"
}
files() { # LAYOUT MANIFEST: what umoci makes of an image
  umoci --log=error unpack --image "$1:latest" "$work/bundle" && python3 "$here/manifest.py" "$work/bundle/rootfs" > "$2"
  rm -rf "$work/bundle"
}
round_trip() { # LAYOUT: the same file system after docker-archive and back
  skopeo copy -q "oci:$1:latest" "docker-archive:$work/trip.tar:bench/image:latest"
  skopeo copy -q "docker-archive:$work/trip.tar" "oci:$work/back:latest"
  local ours theirs
  ours=$(skopeo inspect --config "oci:$1:latest" | jq -c .rootfs)
  theirs=$(skopeo inspect --config "oci:$work/back:latest" | jq -c .rootfs)
  rm -rf "$work/trip.tar" "$work/back"
  [ "$ours" = "$theirs" ]
}
megabytes() { awk -v n="$1" 'BEGIN { printf "%.1f", n / 1e6 }'; }

row='| %-16s | %-14s | %-7s | %9s | %9s | %7s | %8s | %s\n'
printf "$row" image layers profile 'before MB' 'after MB' seconds 'peak MiB' judged
printf "$row" --- --- --- ---: ---: ---: ---: ---
for name in "$@"; do
  before=$(bytes "$images/$name")
  files "$images/$name" "$work/before"
  for profile in "${profiles[@]}"; do
    for mode in "${modes[@]}"; do
      out=$work/out; rm -rf "$out"
      if ! /usr/bin/time -o "$work/time" -f '%e %M' "$slim" shrink "$images/$name" -o "$out" -q --layers "$mode" \
        --profile "$profile" --report "$work/report.json" ${flags[@]+"${flags[@]}"} 2> "$work/errors"; then
        printf "$row" "$name" "$mode" "$profile" "$(megabytes "$before")" - - - "failed: $(head -n 1 "$work/errors")"
        failed=1; continue
      fi
      read -r seconds peak < <(tail -n 1 "$work/time")
      files "$out" "$work/after"
      judged=$(python3 "$here/manifest.py" --compare "$work/before" "$work/after" "$work/report.json") || failed=1
      round_trip "$out" || { judged+=', docker-archive differs'; failed=1; }
      printf "$row" "$name" "$mode" "$profile" "$(megabytes "$before")" "$(megabytes "$(bytes "$out")")" "$seconds" $((peak / 1024)) "$judged"
    done
  done
done
exit $failed
