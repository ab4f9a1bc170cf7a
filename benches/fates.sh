#!/usr/bin/env bash
# What `oci-slim verify BEFORE AFTER` says of outputs whose fate is known: each is run before and after, and is broken
# when its exit code or output differs.
#
#   RUN_IMAGE=run-image.sh benches/fates.sh DIR [OUTPUT…]
#
# DIR is what benches/distroless/images.sh made, of whose images those of known.sh are taken. Broken outputs are made of
# what `distroless` leaves of them, which is small, and works: what is taken from it is the only difference.
# No broken output may pass without a finding, and no working one may get an error: the exit code says whether that holds.
# Needs what distroless.sh needs. Environment: OCI_SLIM (default target/release/oci-slim), SCRATCH,
# LOGS (keeps what each run said), BASES (keeps the outputs with their fates, and what they are made of).
set -euo pipefail
if [ -z "${BENCH_NETWORK:-}" ]; then
  exec env BENCH_NETWORK=own unshare --net bash -c 'ip link set lo up && exec "$@"' network bash "$0" "$@"
fi
dir=${1:?usage: RUN_IMAGE=run-image.sh $0 DIR [OUTPUT…]}; shift
run=${RUN_IMAGE:?RUN_IMAGE names the program that runs an OCI layout}
here=$(cd "$(dirname "$0")" && pwd)
slim=${OCI_SLIM:-$here/../target/release/oci-slim}
dir=$(cd "$dir" && pwd); images=$dir/images
work=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
logs=${LOGS:-$work/logs}; bases=${BASES:-$work/bases}
outputs=$bases/outputs; mkdir -p "$logs" "$outputs"; logs=$(cd "$logs" && pwd); bases=$(cd "$bases" && pwd) outputs=$bases/outputs
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

declare -A from_of ask_of
row() { # NAME IMAGE [--ask] …: an image of DIR
  local name=$1 word; from_of[$1]=$2 ask_of[$1]=-; shift 2
  for word in "$@"; do
    [ "$word" != -- ] || break
    [ "$word" != --ask ] || ask_of[$name]=ask_${name//-/_}
  done
}
. "$here/distroless/known.sh"

# The rootfs of an image of DIR as the lower directories it was made of, to run it without unpacking it.
mounted() { # ROW
  local lower=$dir/roots/base from=${from_of[$1]}
  [ "$from" = base ] || lower=$dir/roots/$from:$lower
  [ ! -d "$dir/roots/row-$1" ] || lower=$dir/roots/row-$1:$lower
  rm -rf "$work/source"; mkdir -p "$work/source"/{rootfs,upper,over}
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/source/upper,workdir=$work/source/over" "$work/source/rootfs"
}
source_said() { # ROW: runs an image of DIR once
  [ ! -s "$bases/row-$1.said" ] || return 0
  mounted "$1"
  umoci raw runtime-config --image "$images:row-$1" --rootfs "$work/source/rootfs" "$work/source/config.json"
  say "$images:row-$1" "$work/source" "${ask_of[$1]}" "$bases/row-$1.said"
  umount "$work/source/rootfs"
}
base_said() { # BASE
  [ ! -s "$bases/$1.said" ] || return 0
  rm -rf "$work/before"
  say "$bases/$1:latest" "$work/before" "${ask_of[$1]:--}" "$bases/$1.said"
}
small() { # SOURCE BASE: what distroless leaves of an image
  "$slim" shrink "oci:$1" -o "oci:$bases/$2:latest" --profile distroless --force -q --no-progress > /dev/null 2> "$logs/base-$2.slim" \
    || { cat "$logs/base-$2.slim" >&2; exit 1; }
}
declare -A making
base() { # BASE: makes it where it is not there
  [ ! -d "$bases/$1" ] || return 0
  if [ -n "${making[$1]:-}" ]; then eval "${making[$1]}"; else small "$images:row-$1" "$1"; fi
}
config() { # BASE FROM FLAG…: another config
  ask_of[$1]=${ask_of[$2]:--}
  making[$1]=$(printf '%q ' configured "$@")
}
configured() { # BASE FROM FLAG…
  local name=$1 from=$2; shift 2
  base "$from"
  cp -r "$bases/$from" "$bases/$name"
  umoci config --image "$bases/$name:latest" "$@"
}
probe() { # BASE FLAGS FLAG… < SOURCE: a C program in a base of its own
  making[$1]=$(printf '%q ' compiled "$(cat)" "$@")
}
compiled() { # SOURCE BASE FLAGS FLAG…
  local source=$1 name=$2 flags=$3 whole=$work/whole; shift 3
  from_of[$name]=base; mounted "$name"
  mkdir -p "$work/source/rootfs/app"; echo "$source" > "$work/source/rootfs/app/main.c"
  chroot "$work/source/rootfs" gcc -o /app/probe /app/main.c $flags
  rm -rf "$work/probe" "$whole"; mkdir -p "$work/probe/app" "$whole"
  cp "$work/source/rootfs/app/probe" "$work/probe/app/probe"
  umount "$work/source/rootfs"
  tar -C "$work/probe" -cf "$work/probe.tar" .
  cp -rl "$images/blobs" "$images/oci-layout" "$whole"; cp "$images/index.json" "$whole"
  umoci tag --image "$whole:base" "probe-$name"
  umoci raw add-layer --image "$whole:probe-$name" "$work/probe.tar"
  umoci config --image "$whole:probe-$name" --clear config.cmd --config.entrypoint /app/probe "$@"
  small "$whole:probe-$name" "$name"
  rm -rf "$whole"
}

# The ways to make an output of an image.
take() { # GLOB…: removes what matches, whatever the checks say
  local globs=() glob
  for glob in "$@"; do globs+=(--remove "$glob"); done
  "$slim" shrink "oci:$before" -o "oci:$out:latest" --profile safe --disable '*' "${globs[@]}" --force -q --no-progress > /dev/null 2> "$logs/$name.slim"
}
with() { # ARGUMENT…: oci-slim shrink
  "$slim" shrink "oci:$before" -o "oci:$out:latest" --force -q --no-progress "$@" > /dev/null 2> "$logs/$name.slim"
}
put() { # MODE TEXT PATH: a file in place of what is there
  printf "$2" > "$work/file"
  layer "$1" "$3" "$work/file"
}
mode() { # MODE PATH
  umoci unpack --image "$before" "$work/one" 2> /dev/null
  layer "$1" "$2" "$work/one/rootfs/$2"
  rm -rf "$work/one"
}
layer() { # MODE PATH FILE: adds a layer of one path
  rm -rf "$work/layer"; mkdir -p "$work/layer/$(dirname "$2")"
  if [ -d "$3" ]; then mkdir "$work/layer/$2"; else cp "$3" "$work/layer/$2"; fi
  chmod "$1" "$work/layer/$2"
  tar -C "$work/layer" --no-recursion -cf "$work/layer.tar" "$2"
  mkdir "$out"; cp -r "${before%:*}/." "$out"
  umoci raw add-layer --image "$out:latest" "$work/layer.tar"
}

declare -A count
columns='| %-26s | %-14s | %-8s | %6s | %8s | %s\n'
# output NAME BEFORE WAY ARGUMENT…: BEFORE is `row:ROW`, an image of DIR, or a base.
output() {
  local name=$1 from=$2 way=$3 before said fate errors warnings flagged first; shift 3
  case $wanted in *" $name "*|"  ") ;; *) return 0;; esac
  local out=$outputs/$name
  if [ "${from#row:}" != "$from" ]; then
    before=$images:row-${from#row:}; said=$bases/row-${from#row:}.said
  else
    before=$bases/$from:latest said=$bases/$from.said
  fi
  if [ ! -s "$out.fate" ]; then
    if [ "${from#row:}" != "$from" ]; then source_said "${from#row:}"; else base "$from"; base_said "$from"; fi
    rm -rf "$out" "$work/result"
    if ! "$way" "$@"; then
      count[failed]=$((${count[failed]:-0} + 1))
      printf "$columns" "$name" "$from" "not made" - - "$(grep -m 1 . "$logs/$name.slim" || true)"
      return 0
    fi
    say "$out:latest" "$work/result" "${ask_of[${from#row:}]:--}" "$logs/$name"
    rm -rf "$work/result"
    if cmp -s "$said" "$logs/$name"; then echo works; else echo broken; fi > "$out.fate"
  fi
  fate=$(cat "$out.fate")
  "$slim" verify "oci:$before" "oci:$out:latest" --format json > "$logs/$name.json" 2> "$logs/$name.verify" || true
  errors=$(findings error) warnings=$(findings warning)
  flagged=unflagged
  if [ "$errors" -gt 0 ]; then flagged=error; elif [ "$warnings" -gt 0 ]; then flagged=warning; fi
  count[$fate-$flagged]=$((${count[$fate-$flagged]:-0} + 1))
  first=$(jq -r '[.compared[].running[]? | "\(.code): \(.text)"] | first // ""' "$logs/$name.json")
  printf "$columns" "$name" "$from" "$fate" "$errors" "$warnings" "$first"
}
findings() { jq --arg severity "$1" '[.compared[].running[]? | select(.severity == $severity)] | length' "$logs/$name.json"; }

printf "$columns" output of fate errors warnings 'first finding'
printf "$columns" --- --- --- ---: ---: ---
. "$here/distroless/fates.sh"
echo
printf '| fate   | error | warning | nothing said |\n| --- | ---: | ---: | ---: |\n'
for fate in broken works; do
  printf '| %-6s | %5s | %7s | %12s |\n' "$fate" "${count[$fate-error]:-0}" "${count[$fate-warning]:-0}" "${count[$fate-unflagged]:-0}"
done
[ "${count[failed]:-0}" = 0 ] || echo "${count[failed]} could not be made"
[ $((${count[failed]:-0} + ${count[broken-unflagged]:-0} + ${count[works-error]:-0})) = 0 ]
