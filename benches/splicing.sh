#!/usr/bin/env bash
# Measures what splicing saves, beside compressing everything and beside other tools. Prints Markdown tables with ratios.
#
#   benches/splicing.sh DIR [NAME…]   DIR holds OCI layouts of gzip layers, tag `latest`; all of them, or those named
#
# Packages stay, so that enough bytes stay whose compression can be saved.
# 1. `shrink --profile lean`: wall time against the same with `--compress gzip:6`, at both proofs, and CPU time against
#    the floor (inflate what is read, hash what is read, inflated and written: benches/floor.rs).
# 2. `shrink --layers squash --disable '*'` against other tools that make one gzip layer of an image, and its size
#    against what the kept bytes take in the source (benches/share.rs).
# 3. Memory and time for images of 1, 2, 4 and 8 GB, made of the first one named (benches/repeat.py).
#
# Figures are medians of N runs (default 5; PEER_N for other tools, SIZE_N for part 3); what is compared takes turns. CPU time is user and system
# time of all threads. Needs cargo, jq, python3 and time, and umoci and buildah for part 2: what is missing is named.
# Environment: PARTS (default "1 2 3"), SCRATCH (a directory with 20 GB of room), OCI_SLIM (a program that is built),
# STORAGE_DRIVER (buildah's, default overlay), SIZES (copies of the image; "half" is half its layers).
set -euo pipefail
images=${1:?usage: $0 DIR [NAME…]}; shift
[ $# -gt 0 ] || set -- $(for layout in "$images"/*/oci-layout; do basename "$(dirname "$layout")"; done)
images=$(cd "$images" && pwd)
cd "$(dirname "$0")/.."
rounds=${N:-5}
for tool in cargo jq python3 /usr/bin/time; do
  command -v "$tool" > /dev/null || { echo "$tool is missing" >&2; exit 1; }
done
cargo build --release --locked --quiet
slim=${OCI_SLIM:-$PWD/target/release/oci-slim}
bench() { # NAME: the program of a bench
  cargo bench --locked --quiet --bench "$1" --no-run --message-format json | jq -r 'select(.executable and .target.name == "'"$1"'").executable' | tail -n 1
}
floor=$(bench floor)
share=$(bench share)
work=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
lean=(--profile lean --disable build-tools --disable dev-dependencies)
trap 'rm -rf "$work"' EXIT

timed() { # KEY COMMAND…: adds `wall CPU peak` to the figures of KEY
  local key=$1; shift
  /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" > /dev/null 2> "$work/errors" || { echo "failed: $*" >&2; cat "$work/errors" >&2; return 1; }
  tail -n 1 "$work/time" | awk '{ print $1, $2 + $3, $4 / 1024 }' >> "$work/$key.figures"
}
median() { # KEY COLUMN
  awk -v column="$2" '{ print $column }' "$work/$1.figures" | sort -g | awk '{ all[NR] = $1 } END { print (all[int((NR + 1) / 2)] + all[int((NR + 2) / 2)]) / 2 }'
}
wall() { median "$1" 1; }
cpu() { median "$1" 2; }
peak() { median "$1" 3; }
seconds() { printf '%.2f' "$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }
shrink() { # KEY IMAGE FLAGS…: into $work/out
  local key=$1 image=$2; shift 2
  rm -rf "$work/out"
  timed "$key" "$slim" shrink "oci:$image" -o "oci:$work/out" -q "$@"
}
bytes() { jq '[.layers[].size] | add // 0' "$1/blobs/$(jq -r '.manifests[0].digest' "$1/index.json" | tr : /)"; }

against_itself() {
  echo '| image | proof index | gzip:6 | ratio (≤ 0.25) | default proof | gzip:6 | ratio (≤ 0.33) | CPU, proof index | floor | ratio (≤ 1.6) |'
  echo '|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|'
  for name in "$@"; do
    for ((round = 0; round < rounds; round++)); do
      for proof in index full; do
        shrink "$name-anew-$proof" "$images/$name" "${lean[@]}" --proof "$proof" --compress gzip:6
        shrink "$name-$proof" "$images/$name" "${lean[@]}" --proof "$proof"
      done
      timed "$name-floor" "$floor" "$images/$name" "$work/out"
    done
    printf '| %s |' "$name"
    for proof in index full; do
      local a b; a=$(wall "$name-$proof"); b=$(wall "$name-anew-$proof")
      printf ' %s s | %s s | %s |' "$(seconds "$a")" "$(seconds "$b")" "$(ratio "$a" "$b")"
    done
    printf ' %s s | %s s | %s |\n' "$(seconds "$(cpu "$name-index")")" "$(seconds "$(cpu "$name-floor")")" "$(ratio "$(cpu "$name-index")" "$(cpu "$name-floor")")"
  done
}

with_buildah() { # LAYOUT OUT
  local store=$work/store container
  local b=(buildah --storage-driver "${STORAGE_DRIVER:-overlay}" --root "$store/root" --runroot "$store/run")
  container=$("${b[@]}" from -q "oci:$1:latest")
  "${b[@]}" commit -q --squash --disable-compression=false --format oci "$container" "oci:$2:latest"
}
with_umoci() { # LAYOUT OUT: unpacked, and packed as the one layer of an empty image
  umoci --log=error unpack --image "$1:latest" "$work/whole"
  umoci --log=error init --layout "$2"
  umoci --log=error new --image "$2:latest"
  umoci --log=error unpack --image "$2:latest" "$work/empty"
  rmdir "$work/empty/rootfs" && mv "$work/whole/rootfs" "$work/empty/rootfs"
  umoci --log=error repack --image "$2:latest" "$work/empty"
}
tidy() { # after a tool of others; its mounts too
  if [ -d "$work/store" ]; then buildah --storage-driver "${STORAGE_DRIVER:-overlay}" --root "$work/store/root" --runroot "$work/store/run" rm --all > /dev/null 2>&1 || true; fi
  umount "$work/store/root/overlay" 2> /dev/null || true
  rm -rf "$work/store" "$work/whole" "$work/empty"
}

against_others() {
  local peers=() peer
  for peer in buildah umoci; do
    if command -v "$peer" > /dev/null; then peers+=("$peer"); else echo "$peer is missing" >&2; fi
  done
  export -f with_buildah with_umoci; export work
  printf '| image | oci-slim |'; printf ' %s | its layer, MB | ratio (≤ 0.125) | of CPU |' ${peers[@]+"${peers[@]}"}; echo ' our layer, MB | share of the source, MB | difference (≤ 1 %) |'
  printf '|---|---:|'; printf -- '---:|---:|---:|---:|%.0s' ${peers[@]+"${peers[@]}"}; echo '---:|---:|---:|'
  for name in "$@"; do
    for ((round = 0; round < rounds; round++)); do shrink "$name-squash" "$images/$name" --layers squash --disable '*'; done
    local ours; ours=$(wall "$name-squash")
    printf '| %s | %s s |' "$name" "$(seconds "$ours")"
    for peer in ${peers[@]+"${peers[@]}"}; do
      for ((round = 0; round < ${PEER_N:-$rounds}; round++)); do
        rm -rf "$work/theirs"
        timed "$name-$peer" bash -euc "with_$peer \"\$1\" \"\$2\"" - "$images/$name" "$work/theirs"
        tidy
      done
      printf ' %s s | %s | %s | %s |' "$(seconds "$(wall "$name-$peer")")" "$(bytes "$work/theirs" | awk '{ printf "%.1f", $1 / 1e6 }')" \
        "$(ratio "$ours" "$(wall "$name-$peer")")" "$(ratio "$(cpu "$name-squash")" "$(cpu "$name-$peer")")"
      rm -rf "$work/theirs"
    done
    "$share" "$images/$name" "$work/out" | awk '{ printf " %.1f | %.1f | %+.2f %% |\n", $1 / 1e6, $2 / 1e6, 100 * ($1 / $2 - 1) }'
  done
}

by_size() {
  echo "| copies of $1 | stored, GB | inflated, GB | seconds | seconds a GB inflated | CPU seconds | peak MiB (≤ 200) |"
  echo '|---|---:|---:|---:|---:|---:|---:|'
  local copies image inflated layers
  for copies in ${SIZES:-half 1 2 4}; do
    image=$work/large; rm -rf "$image" "$work/out"; layers=0
    if [ "$copies" = half ]; then layers=3; fi
    python3 benches/repeat.py "$images/$1" $layers "${copies/half/1}" "$image"
    for ((round = 0; round < ${SIZE_N:-$rounds}; round++)); do shrink "size-$copies" "$image" "${lean[@]}" --report "$work/report.json"; done
    inflated=$(jq '.images[0].before.uncompressed' "$work/report.json")
    printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$copies" "$(ratio "$(bytes "$image")" 1e9)" "$(ratio "$inflated" 1e9)" "$(seconds "$(wall "size-$copies")")" \
      "$(ratio "$(wall "size-$copies")e9" "$inflated")" "$(seconds "$(cpu "size-$copies")")" "$(printf '%.0f' "$(peak "size-$copies")")"
    rm -rf "$image" "$work/out"
  done
}

echo "$(nproc) cores, $("$slim" --version), medians of $rounds"
for part in ${PARTS:-1 2 3}; do
  echo
  case $part in
    1) against_itself "$@" ;;
    2) against_others "$@" ;;
    3) by_size "$1" ;;
  esac
done
