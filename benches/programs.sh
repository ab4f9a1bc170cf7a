#!/usr/bin/env bash
# Runs the programs of real images before and after every mode and profile, and compares what they say.
#
#   RUN_IMAGE=run-image.sh benches/programs.sh DIR [NAME…]
#
# DIR holds OCI layouts with the tag `latest`: layers, go-sample, go-web, node-app; all of them, or those named.
# RUN_IMAGE LAYOUT [-e NAME=VALUE] runs a layout's entrypoint and command in the network of this machine.
# Needs root, curl and ss. Environment: OCI_SLIM (default target/release/oci-slim), MODES, PROFILES, SCRATCH, FLAGS.
set -euo pipefail
images=${1:?usage: RUN_IMAGE=run-image.sh $0 DIR [NAME…]}; shift
run=${RUN_IMAGE:?RUN_IMAGE names the program that runs an OCI layout}
here=$(cd "$(dirname "$0")" && pwd)
slim=${OCI_SLIM:-$here/../target/release/oci-slim}
read -ra modes <<< "${MODES:-keep squash squash-above=1}"
read -ra profiles <<< "${PROFILES:-safe lean}"
read -ra flags <<< "${FLAGS:-}"
work=$(mktemp -d -p "${SCRATCH:-${TMPDIR:-/tmp}}")
trap 'rm -rf "$work"' EXIT
failed=0

[ $# -gt 0 ] || set -- layers go-sample go-web node-app

port=18000
# Each run has a port of its own, and ends with whoever listens there: nothing may answer for another image.
serve() { # LAYOUT PATH…: the status, type and text of every answer
  local layout=$1 server path; shift
  "$run" "$layout" -e "PORT=$port" > "$work/log" 2>&1 &
  server=$!
  for _ in $(seq 1800); do curl -fs -o /dev/null "127.0.0.1:$port/healthz" && break; sleep 0.1; done
  for path in "$@"; do
    : > "$work/body"
    printf '%s %s %s\n' "$path" "$(curl -s -o "$work/body" -w '%{http_code} %{content_type}' "127.0.0.1:$port$path" || true)" \
      "$(sha256sum < "$work/body" | cut -c -16) $(head -c 60 "$work/body" | tr -d '\0' | head -n 1)"
  done
  printf '/uuid has %s characters\n' "$(curl -s "127.0.0.1:$port/uuid" | head -n 1 | wc -c)"
  kill -9 $(ss -ltnpH "sport = :$port" | sed -n 's/.*pid=\([0-9]*\).*/\1/p')
  wait "$server" || true
}
probe() { # NAME LAYOUT
  port=$((port + 1))
  case $1 in
    go-web) serve "$2" /healthz / /strings/en /strings/es /tz/Europe/Berlin /tz/Asia/Tokyo /zmq /roots \
      /resolve/localhost /whoami /git /static/ /nowhere ;;
    node-app) serve "$2" /healthz / /hash/secret /chunk /tz /boom /nowhere | sed 's/\(\/boom.*\) [0-9a-f]\{16\} /\1 /' ;;
    *) "$run" "$2" 2>&1; echo "exit $?" ;;
  esac
}

row='| %-10s | %-14s | %-7s | %s\n'
printf "$row" image layers profile programs
printf "$row" --- --- --- ---
for name in "$@"; do
  probe "$name" "$images/$name" > "$work/before" || true
  ! grep -q " 000 " "$work/before" || { echo "the source of $name does not answer" >&2; exit 1; }
  printf "$row" "$name" source - "$(wc -l < "$work/before") lines: $(head -n 1 "$work/before")"
  for profile in "${profiles[@]}"; do
    for mode in "${modes[@]}"; do
      out=$work/out; rm -rf "$out"
      "$slim" shrink "$images/$name" -o "$out" -q --layers "$mode" --profile "$profile" ${flags[@]+"${flags[@]}"} 2> "$work/errors"
      probe "$name" "$out" > "$work/after" || true
      said="the same"
      cmp -s "$work/before" "$work/after" || { said="differs: $(diff "$work/before" "$work/after" | tail -n +2 | tr '\n' ' ' || true)"; failed=1; }
      printf "$row" "$name" "$mode" "$profile" "$said"
    done
  done
done
exit $failed
