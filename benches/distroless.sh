#!/usr/bin/env bash
# Runs everyday programs before and after `--profile distroless` at each depth, and compares exit codes and outputs.
#
#   RUN_IMAGE=run-image.sh benches/distroless.sh DIR [ROW…]
#
# DIR is what benches/distroless/images.sh made; all rows, or those named. A row is an image with its command.
# RUN_IMAGE LAYOUT --bundle BUNDLE runs a layout's entrypoint and command in the network of this machine.
# The rows stand in two files: benches/distroless/known.sh, which the rules were written with in sight ("known"),
# and benches/distroless/held-out.sh, which nobody who writes rules looks at ("held out").
# Needs root, umoci, curl, git, ip, jq, python3 and ss.
# Environment: OCI_SLIM (default target/release/oci-slim), PROFILE, DEPTHS, SCRATCH, SYFT (a syft that compares packages),
# SETS ("known held-out"), LOGS (a directory that keeps what each run said; the sources of a second run are not run again).
set -euo pipefail
# Ports are the same in every run: a network of its own keeps two runs apart.
if [ -z "${BENCH_NETWORK:-}" ]; then
  exec env BENCH_NETWORK=own unshare --net bash -c 'ip link set lo up && exec "$@"' network bash "$0" "$@"
fi
dir=${1:?usage: RUN_IMAGE=run-image.sh $0 DIR [ROW…]}; shift
run=${RUN_IMAGE:?RUN_IMAGE names the program that runs an OCI layout}
here=$(cd "$(dirname "$0")" && pwd)
slim=${OCI_SLIM:-$here/../target/release/oci-slim}
profile=${PROFILE:-distroless}
read -ra depths <<< "${DEPTHS:-auto essential packages files}"
[ "$profile" = distroless ] || depths=("$profile")
dir=$(cd "$dir" && pwd); images=$dir/images
work=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
logs=${LOGS:-$work/logs}; mkdir -p "$logs"
wanted=" $* "
port=18081

. "$here/distroless/run.sh"
cleanup() {
  kill "$site_server" 2> /dev/null || true
  ! mountpoint -q "$work/source/rootfs" || umount "$work/source/rootfs"
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The packages that still have a file, by the source's own lists; directories and links to them do not count.
left() { # SOURCE-ROOT RESULT-ROOT
  python3 - "$1" "$2" << 'LEFT'
import glob, os, sys
source, result = sys.argv[1:]
def place(root, path):  # the parent's links are followed inside the root, the last component is not
    parts, at, hops = path.strip("/").split("/"), "", 0
    while len(parts) > 1:
        one = parts.pop(0)
        if one in ("", "."): continue
        if one == "..": at = os.path.dirname(at); continue
        step = at + "/" + one
        if os.path.islink(root + step) and hops < 40:
            hops += 1
            to = os.readlink(root + step)
            if to.startswith("/"): at = ""
            parts = to.strip("/").split("/") + parts
        else: at = step
    return root + at + "/" + parts[0]
for name in sorted(glob.glob(source + "/var/lib/dpkg/info/*.list")):
    for line in open(name, "rb").read().decode("utf-8", "surrogateescape").splitlines():
        was = place(source, line)
        if os.path.lexists(was) and not os.path.isdir(was) and os.path.lexists(place(result, line)):
            print(os.path.basename(name)[:-5].split(":")[0]); break
LEFT
}
mib() { awk -v bytes="$1" 'BEGIN { printf "%.1f", bytes / 1048576 }'; }

columns='| %-9s | %-15s | %-10s | %-10s | %8s | %8s | %s\n'
failed=0 set=
row() { # NAME IMAGE [-e NAME=VALUE] [-w DIR] [-u USER] [--entry] [--ask] -- ARGV…
  local name=$1 from=$2 ask=- word lower layout digest; shift 2
  case $wanted in *" $name "*|"  ") ;; *) return 0;; esac
  for word in "$@"; do
    [ "$word" != -- ] || break
    [ "$word" != --ask ] || ask=ask_${name//-/_}
  done
  layout=$images:row-$name
  rm -rf "$work/source"; mkdir -p "$work/source"/{rootfs,upper,over}
  lower=$dir/roots/base
  [ "$from" = base ] || lower=$dir/roots/$from:$lower
  [ ! -d "$dir/roots/row-$name" ] || lower=$dir/roots/row-$name:$lower
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/source/upper,workdir=$work/source/over" "$work/source/rootfs"
  umoci raw runtime-config --image "$layout" --rootfs "$work/source/rootfs" "$work/source/config.json"
  digest=$(jq -r --arg tag "row-$name" '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == $tag).digest' "$images/index.json")
  if [ "$(cat "$logs/$name.digest" 2> /dev/null)" != "$digest" ]; then
    say "$layout" "$work/source" "$ask" "$logs/$name.source"
    echo "$digest" > "$logs/$name.digest"
  fi
  for depth in "${depths[@]}"; do
    one "$name" "$layout" "$ask" "$depth"
  done
  umount "$work/source/rootfs"
}
one() { # NAME LAYOUT ASK DEPTH
  local name=$1 layout=$2 ask=$3 depth=$4 out=$work/out said=same chosen sizes log
  log=$logs/$name.$depth
  rm -rf "$out" "$work/result"
  : > "$work/slim.toml"
  [ "$profile" != distroless ] || printf '[distroless]\ndepth = "%s"\n' "$depth" > "$work/slim.toml"
  if ! "$slim" shrink "oci:$layout" -o "oci:$out:latest" --profile "$profile" --config "$work/slim.toml" --format json > "$log.json" 2> "$log.slim"; then
    failed=1
    printf "$columns" "$set" "$name" "$depth" - - - "refused: $(grep -m 1 . "$log.slim" || true)"
    return 0
  fi
  chosen=$(jq -r '.images[0].distroless.depth // "-"' "$log.json")
  sizes=$(jq -r '.images[0].after | "\(.visible) \(.compressed)"' "$log.json")
  umoci --log=error unpack --image "$out:latest" "$work/result"
  if [ -n "${SYFT:-}" ]; then
    left "$work/source/rootfs" "$work/result/rootfs" > "$log.left"
    "$SYFT" -q "oci-dir:$out" -o json 2> /dev/null | jq -r '.artifacts[] | select(.type == "deb") | .name' | sort -u > "$log.syft"
    cmp -s <(sort -u "$log.left") "$log.syft" \
      || { failed=1; said="$said, but syft: $(diff <(sort -u "$log.left") "$log.syft" | grep '^[<>]' | head -n 5 | tr '\n' ' ' || true)"; }
  fi
  say "$out:latest" "$work/result" "$ask" "$log"
  if ! cmp -s "$logs/$name.source" "$log"; then
    failed=1
    said="DIFFERS${said#same}: $(diff "$logs/$name.source" "$log" | tail -n +2 | cut -c -100 | head -n 4 | tr '\n' ' ' || true)"
  elif ! cmp -s "$logs/$name.source.err" "$log.err"; then
    said="$said (standard error differs)"
  fi
  printf "$columns" "$set" "$name" "$depth" "$chosen" "$(mib "${sizes% *}")" "$(mib "${sizes#* }")" "$said"
  rm -rf "$out" "$work/result"
}

printf "$columns" set row depth chosen "MiB" "packed" result
printf "$columns" --- --- --- --- --- --- ---
for set in ${SETS:-known held-out}; do
  . "$here/distroless/$set.sh"
done
exit $failed
