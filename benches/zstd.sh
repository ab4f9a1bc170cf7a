#!/usr/bin/env bash
# Few bytes, fast: `--layers regroup --aim size --compress zstd:3` with nothing removed against docker-repack at level 3.
#
#   benches/zstd.sh IMAGE…
#
# IMAGE is an OCI layout. The two take turns; figures are medians of N runs (default 5), each right behind one of the same
# program that does not count: in a virtual machine, memory that another program gave back must first be got from the host.
# docker-repack (PATH) runs at TARGETS, its target sizes (default: 100MB 1GB): its least bytes and its least time are not at
# the same one.
# Environment: OCI_SLIM, the program; SCRATCH, a directory with room for two copies of the image.
set -euo pipefail
(($#)) || { echo "usage: $0 IMAGE…" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
slim=${OCI_SLIM:-$here/../target/release/oci-slim}
rounds=${N:-5}
read -ra targets <<< "${TARGETS:-100MB 1GB}"
scratch=$(mktemp -d -p "${SCRATCH:-/tmp}"); trap 'rm -rf "$scratch"' EXIT

run() { # KEY OUT COMMAND…
  local key=$1 out=$2; shift 2
  once /dev/null "$out" "$@"
  once "$scratch/$key" "$out" "$@"
  du -sb "$out" | cut -f1 > "$scratch/$key.bytes"
  rm -rf "$out"
}
once() { # TIMES OUT COMMAND…
  local times=$1 out=$2; shift 2
  rm -rf "$out"; sync
  command time -a -o "$times" -f '%e %U %S %M' "$@" > /dev/null 2> "$scratch/errors" || { cat "$scratch/errors" >&2; exit 1; }
}
column() { # KEY AWK
  awk "{ print $2 }" "$scratch/$1" | sort -g | awk '{ row[NR] = $1 } END { print row[int((NR + 1) / 2)] }'
}
row() { # NAME KEY
  awk -v name="$1" -v bytes="$(cat "$scratch/$2.bytes")" -v wall="$(column "$2" '$1')" -v cpu="$(column "$2" '$2 + $3')" \
    -v peak="$(column "$2" '$4')" -v ours="$(column slim '$1')" -v own="$(column slim '$4')" 'BEGIN {
      printf "| %s | %.1f | %.2f | %.2f | %.1f | %.3f | %.3f |\n", name, bytes / 1e6, wall, cpu, peak / 1024, ours / wall, own / peak }'
}

echo "$(nproc) cores, $("$slim" --version), medians of $rounds"
for image in "$@"; do
  rm -f "$scratch"/slim* "$scratch"/repack*
  for ((round = 0; round < rounds; round++)); do
    run slim "$scratch/a" "$slim" shrink "oci:$image" -o "oci:$scratch/a" --disable '*' --layers regroup --aim size --compress zstd:3
    for target in "${targets[@]}"; do
      run "repack-$target" "$scratch/b" docker-repack -t "$target" --compression-level 3 "oci://$(realpath "$image")" "oci://$scratch/b"
    done
  done
  echo "| $(basename "$image") | MB | seconds | CPU seconds | MiB | seconds of oci-slim's to these | memory |"
  echo '|---|---|---|---|---|---|---|'
  row oci-slim slim
  for target in "${targets[@]}"; do row "docker-repack -t $target" "repack-$target"; done
done
