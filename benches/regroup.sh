#!/usr/bin/env bash
# What a node that has release A pulls for release B, by layer mode and against other tools.
#
#   benches/regroup.sh DIR IMAGE=CHANGES…
#
# IMAGE is an OCI layout of one image; CHANGES are `file:PATH`, `tree:PREFIX` and `package:NAME`, joined by commas (see
# regroup/release.py). A and B are made in DIR and stay there. Prints a table of bytes. Rows of docker-repack come where that
# program is (PATH) and reads the image.
# Environment: OCI_SLIM, the program; PROFILE, the flags of every run (default: none); REPACK, docker-repack's (default:
# 50 MB a layer at level 3; its own level, 14, takes minutes for each of the images).
set -euo pipefail
dir=${1:?usage: $0 DIR IMAGE=CHANGES…}; shift
here=$(cd "$(dirname "$0")" && pwd)
slim=${OCI_SLIM:-$here/../target/release/oci-slim}
profile=${PROFILE:-}
read -ra flags <<< "$profile"
read -ra repack_flags <<< "${REPACK:---target-size 50MB --compression-level 3}"
mkdir -p "$dir"; dir=$(cd "$dir" && pwd)

shrink() { # FROM TO FLAG…
  local from=$1 to=$2; shift 2
  [ -e "$to/index.json" ] || "$slim" shrink "oci:$from" -o "oci:$to" --force -q "${flags[@]}" "$@"
}
repack() { # FROM TO: fails where docker-repack does
  command -v docker-repack > /dev/null || return
  [ -e "$2/index.json" ] || docker-repack "${repack_flags[@]}" "oci://$1" "oci://$2" > "$dir/repack.log" 2>&1 \
    || { rm -rf "$2"; echo "docker-repack fails: $(grep -m 1 '^Error' "$dir/repack.log")" >&2; return 1; }
}
row() { # TOOL BEFORE AFTER
  read -r all new layers < <("$here/regroup/pull.py" "$2" "$3")
  printf '| %s | %s | %s | %s | %s | %d |\n' "$image" "$change" "$1" "$new" "$all" "$layers"
}

echo '| image | change | layers | bytes to pull for B | bytes of B | count |'
echo '|---|---|---|---|---|---|'
for pair in "$@"; do
  layout=${pair%%=*} image=$(basename "${pair%%=*}")
  a=$dir/$image-a
  [ -e "$a/index.json" ] || "$here/regroup/release.py" "$layout" "$a" same
  for mode in keep squash regroup; do shrink "$a" "$a-$mode" --layers $mode; done
  IFS=, read -ra changes <<< "${pair#*=}"
  for change in "${changes[@]}"; do
    b=$dir/$image-${change//[^A-Za-z0-9]/_}
    [ -e "$b/index.json" ] || "$here/regroup/release.py" "$a" "$b" "${change%%:*}" "${change#*:}"
    for mode in keep squash regroup; do
      shrink "$b" "$b-$mode" --layers $mode
      row "$mode" "$a-$mode" "$b-$mode"
    done
    shrink "$b" "$b-previous" --layers regroup --previous "oci:$a-regroup"
    row 'regroup --previous' "$a-regroup" "$b-previous"
    if repack "$a" "$a-repack" && repack "$b" "$b-repack"; then row docker-repack "$a-repack" "$b-repack"; fi
  done
done
