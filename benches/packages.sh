#!/usr/bin/env bash
# Builds images by their own package managers, slims them, and lets those package managers judge what is left.
#
#   benches/packages.sh [CASE…]     debian  make  cost        (default: all)
#
# debian  a tool chain, three running programs, one of them a C program that no package owns and that needs libgomp:
#         after `lean` they say what they said before, dpkg and apt find nothing wrong, and the packages are those that
#         `apt-get purge --auto-remove` leaves, but for what the payload guard kept, which is listed
# make    the same image with `make` as its entrypoint: make stays, and the report says why
# cost    what `lean` costs more than the same rules without `build-tools` on that image
#
# Needs root, umoci, mmdebstrap, jq, python3, time, the Debian mirror of this machine's apt; syft where it is there.
# Environment: OCI_SLIM (the program, default target/release/oci-slim), SUITE (default bookworm), SCRATCH (a directory
# with room for 4 GB; images that are there already are used again).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
slim=$(realpath "${OCI_SLIM:-$here/../target/release/oci-slim}")
suite=${SUITE:-bookworm}
work=${SCRATCH:-${TMPDIR:-/tmp}/oci-slim-packages}
mkdir -p "$work"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
failed=0

row='| %-10s | %-38s | %s\n'
say() { printf "$row" "$1" "$2" "$3"; }
judge() { # CASE CLAIM COMMAND…: prints whether the command succeeds
  local name=$1 claim=$2; shift 2
  if "$@" > "$work/judge.log" 2>&1; then say "$name" "$claim" yes; else
    say "$name" "$claim" "NO: $(tail -n 1 "$work/judge.log")"; failed=1; fi
}
inside() { # ROOT COMMAND…: runs it in a root with /proc and /dev, which the root does not keep
  local root=$1; shift
  unshare --mount --fork bash -c '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && cp -L /etc/resolv.conf "$2/resolv.conf"
    [ ! -e "$1/etc/resolv.conf" ] || mount --bind "$2/resolv.conf" "$1/etc/resolv.conf"
    root=$1; shift 2; exec chroot "$root" "$@"' - "$root" "$work" "$@"
}
root_of() { # LAYOUT: its unpacked root, made anew
  rm -rf "$work/bundle"; umoci --log=error unpack --image "$1:latest" "$work/bundle"; echo "$work/bundle/rootfs"
}
installed() { # ROOT: the packages that dpkg lists
  dpkg-query --admindir="$1/var/lib/dpkg" -W -f='${Package}:${Architecture} ${db:Status-Status}\n' | sed -n 's/ installed$//p' | sort
}

# The programs: a web server, an interpreter that asks it, and a C program that the image compiled for itself.
programs() {
  mkdir -p "$1/app/www"
  echo hello > "$1/app/www/index.html"
  cat > "$1/app/nginx.conf" <<'EOF'
error_log stderr; pid /tmp/nginx.pid;
events {}
http { access_log off; server { listen 127.0.0.1:8099; root /app/www; } }
EOF
  cat > "$1/app/ask.py" <<'EOF'
import ctypes.util, hashlib, json, sqlite3, ssl, sys, urllib.request
page = urllib.request.urlopen(sys.argv[1]).read().decode().strip()
print(json.dumps({"page": page, "tls": ssl.OPENSSL_VERSION, "sqlite": sqlite3.sqlite_version,
                  "md5": hashlib.md5(page.encode()).hexdigest(), "gomp": ctypes.util.find_library("gomp")}))
EOF
  cat > "$1/app/omp.c" <<'EOF'
#include <omp.h>
#include <openssl/evp.h>
#include <stdio.h>
int main(void) {
  long sum = 0;
  #pragma omp parallel for reduction(+ : sum) num_threads(4)
  for (long i = 0; i < 1000000; i++) sum += i;
  unsigned char digest[32]; unsigned length;
  EVP_Digest(&sum, sizeof sum, digest, &length, EVP_sha256(), NULL);
  printf("%ld %02x%02x\n", sum, digest[0], digest[1]);
}
EOF
  cat > "$1/app/start.sh" <<'EOF'
#!/bin/sh
set -e
nginx -c /app/nginx.conf -e stderr
python3 /app/ask.py http://127.0.0.1:8099/
/app/omp
nginx -c /app/nginx.conf -e stderr -s stop
EOF
  chmod 755 "$1/app/start.sh"
}

# Three layers: a base, what apt-get installs, the programs.
build_debian() {
  local image=$work/$suite bundle=$work/build root
  [ ! -e "$image.done" ] || return 0
  rm -rf "$image" "$bundle"
  [ -s "$image.tar" ] || mmdebstrap -q --variant=minbase "$suite" "$image.tar"
  umoci init --layout "$image"; umoci new --image "$image:latest"
  umoci --log=error unpack --image "$image:latest" "$bundle"; root=$bundle/rootfs
  tar -xf "$image.tar" -C "$root" --exclude='./dev/*' --numeric-owner --xattrs
  umoci --log=error repack --refresh-bundle --image "$image:latest" "$bundle"
  inside "$root" sh -c 'apt-get -qq update && apt-get -qqy install build-essential python3-dev libssl-dev git autoconf libtool nginx python3' > "$work/apt.log" 2>&1
  umoci --log=error repack --refresh-bundle --image "$image:latest" "$bundle"
  programs "$root"
  inside "$root" gcc -O2 -fopenmp -o /app/omp /app/omp.c -lcrypto
  umoci --log=error repack --image "$image:latest" "$bundle"
  umoci config --image "$image:latest" --config.entrypoint /app/start.sh --config.env PATH=/usr/sbin:/usr/bin:/sbin:/bin
  rm -rf "$bundle" "$image.tar"; touch "$image.done"
}

shrink() { # LAYOUT NAME [FLAG…]: to NAME with NAME.json and NAME.sbom
  local layout=$1 out=$work/$2; shift 2
  rm -rf "$out" "$out.sbom"
  /usr/bin/time -o "$out.time" -f '%e %M' "$slim" shrink "$layout" -o "$out" -q --report "$out.json" --sbom "$out.sbom" "$@"
}
megabytes() { jq -r '.images[0] | "\(.before.compressed / 1e6 | floor) → \(.after.compressed / 1e6 | floor) MB compressed, \(.before.visible / 1e6 | floor) → \(.after.visible / 1e6 | floor) MB visible"' "$1"; }

case_debian() {
  build_debian
  local image=$work/$suite root said
  root=$(root_of "$image")
  inside "$root" /app/start.sh > "$work/said.before" 2> /dev/null
  installed "$root" > "$work/packages.before"
  shrink "$image" "$suite-lean" --profile lean
  # What apt would do with what was asked for by name.
  jq -r '.images[0].packages.removed[] | select(.why == "asked for") | "\(.name):\(.architecture)"' "$work/$suite-lean.json" > "$work/asked"
  sed -i 's/:all$//' "$work/asked"
  inside "$root" apt-get -qqy -o APT::AutoRemove::SuggestsImportant=false purge --auto-remove $(cat "$work/asked") > "$work/purge.log" 2>&1
  installed "$root" > "$work/packages.apt"
  say debian size "$(megabytes "$work/$suite-lean.json")"

  root=$(root_of "$work/$suite-lean")
  installed "$root" > "$work/packages.after"
  say debian 'packages before, after, by apt-get' "$(wc -l < "$work/packages.before"), $(wc -l < "$work/packages.after"), $(wc -l < "$work/packages.apt")"
  say debian 'kept, but not by apt-get' "$(comm -13 "$work/packages.apt" "$work/packages.after" | tr '\n' ' ')"
  say debian 'kept by apt-get alone' "$(comm -23 "$work/packages.apt" "$work/packages.after" | tr '\n' ' ')"
  judge debian 'the programs say the same' sh -c "$(declare -f inside); work=$work; inside $root /app/start.sh 2>/dev/null | tee $work/said.after | diff $work/said.before -"
  judge debian 'dpkg --audit and -C' sh -c "chroot $root dpkg --audit | wc -c | grep -qx 0 && chroot $root dpkg -C | wc -c | grep -qx 0"
  judge debian 'dpkg --verify names no file that is kept' verified "$root"
  judge debian 'apt-get check' chroot "$root" apt-get check
  judge debian 'the bill of what stays lists as dpkg' same_as_bill "$work/$suite-lean.sbom/stays.cdx.json"
  if command -v syft > /dev/null; then judge debian 'syft lists as dpkg' same_as_syft "$work/$suite-lean"; fi
  judge debian 'a second run changes nothing' unchanged "$work/$suite-lean"
}
# Files that are missing are those that a rule took and the report lists.
verified() {
  chroot "$1" dpkg --verify | sed -n 's/^missing  *\(c  *\)\{0,1\}\///p' | sort > "$work/missing"
  jq -r '.images[0].removed[].path' "$work/$suite-lean.json" | sort > "$work/removed"
  local left; left=$(while read -r path; do p=$(realpath -m "$1/$path"); echo "${p#"$1"/}"; done < "$work/missing" | sort -u | comm -23 - "$work/removed" | head -n 3 | tr '\n' ' ')
  echo "$left"; [ -z "$left" ]
}
same_as_bill() {
  jq -r '.components[].purl' "$1" | sed 's/.*\/\([^@]*\)@.*arch=\(.*\)/\1:\2/' | python3 -c 'import sys, urllib.parse; print(urllib.parse.unquote(sys.stdin.read()), end="")' | sort | diff - "$work/packages.after"
}
same_as_syft() {
  syft -q "oci-dir:$1" -o json | jq -r '.artifacts[] | select(.type == "deb") | "\(.name):\(.metadata.architecture)"' | sort | diff - "$work/packages.after"
}
unchanged() {
  "$slim" shrink "$1" -o "$work/again" -q --force --profile lean --report "$work/again.json"
  jq -e '.images[0] | .source.digest == .result.digest' "$work/again.json"
}

case_make() {
  build_debian
  rm -rf "$work/make"; cp -r "$work/$suite" "$work/make"
  umoci config --image "$work/make:latest" --clear=config.entrypoint --config.entrypoint make --config.entrypoint --version
  shrink "$work/make" make-lean --profile lean
  local root; root=$(root_of "$work/make-lean")
  judge make 'the entrypoint runs' inside "$root" make --version
  judge make 'the report says why' jq -e '.images[0].packages.kept[] | select(.name == "make") | .because[0] | test("ENTRYPOINT runs `make`")' "$work/make-lean.json"
  judge make 'a warning says so' jq -e '.images[0].warnings[] | select(.code == "package-named") | .text | test("make")' "$work/make-lean.json"
  judge make 'everything else goes' sh -c "! chroot $root dpkg -s gcc git build-essential"
  say make 'size' "$(megabytes "$work/make-lean.json")"
  rm -rf "$work/make" "$work/make-lean"
}

case_cost() {
  build_debian
  local times
  for flags in '' '--disable build-tools --disable dev-dependencies'; do
    times=$(for _ in 1 2 3 4 5; do /usr/bin/time -f '%e %M' "$slim" shrink "$work/$suite" --dry-run -q --proof index --profile lean $flags 2>&1; done | sort -n | sed -n 3p)
    say cost "${flags:-lean}" "${times% *} s, $((${times#* } / 1024)) MiB (median of 5)"
  done
}

[ $# -gt 0 ] || set -- debian make cost
printf "$row" case claim held; printf "$row" --- --- ---
for name in "$@"; do "case_$name"; done
exit $failed
