#!/usr/bin/env bash
# Builds images by their own package managers, slims them, and lets those package managers judge what is left.
#
#   benches/packages.sh [CASE…]     debian  make  rpm  apk        (default: all)
#
# debian  a tool chain, three running programs, one of them a C program that no package owns and that needs libgomp:
#         after `lean` they say what they said before, dpkg and apt find nothing wrong, and the packages are those that
#         `apt-get purge --auto-remove` leaves, but for what the payload guard kept, which is listed
# make    the same image with `make` as its entrypoint: make stays, and the report says why
# rpm     packages made by rpmbuild: the database and the files are those that `rpm -e` leaves in a twin
# apk     a database as Alpine 3.17 lays it out, with `.build-deps` and `build-base`: run-time needs stay, what is still
#         needed is refused, syft lists what is left. No apk is run: there is none outside of Alpine.
#
# Needs root, umoci, mmdebstrap, jq, python3, time, the Debian mirror of this machine's apt; for rpm rpm and rpmbuild;
# syft where it is there. What the packages cost in time and memory is measured by `cargo bench --bench packages`.
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

# An image of one layer: whatever is in a root.
image_of() { # ROOT LAYOUT
  rm -rf "$2" "$work/bundle"; umoci init --layout "$2"; umoci new --image "$2:latest"
  umoci --log=error unpack --image "$2:latest" "$work/bundle"
  cp -a "$1/." "$work/bundle/rootfs/"
  umoci --log=error repack --image "$2:latest" "$work/bundle"; rm -rf "$work/bundle"
  umoci config --image "$2:latest" --config.entrypoint /app/main
}

rpm_in() { local root=$1; shift; rpm --root "$root" --define '_dbpath /var/lib/rpm' --define '_db_backend sqlite' "$@"; }
rpm_package() { # NAME REQUIRES FILE
  cat > "$work/rpmbuild/$1.spec" <<EOF
Name: $1
Version: 1.0
Release: 2
Summary: $1
License: none
BuildArch: noarch
AutoReqProv: no
${2:+Requires: $2}
%description
$1
%install
mkdir -p %{buildroot}/$(dirname "$3") %{buildroot}/usr/share/$1
head -c 3000 /dev/urandom | base64 > %{buildroot}/$3
chmod 755 %{buildroot}/$3
echo $1 > %{buildroot}/usr/share/$1/text
%files
/$3
/usr/share/$1
EOF
  rpmbuild --quiet -bb --define "_topdir $work/rpmbuild" "$work/rpmbuild/$1.spec" > "$work/rpmbuild.log" 2>&1
}
tree_of() { (cd "$1" && find . -path ./var/lib/rpm -prune -o -printf '%p %y %m %U:%G %l\n' | sort); }

case_rpm() {
  rm -rf "$work/rpmbuild" "$work/rpmroot" "$work/twin"; mkdir -p "$work/rpmbuild" "$work/rpmroot/app" "$work/rpmroot/var/lib/rpm"
  rpm_package glibc '' usr/lib/libc.so.6
  rpm_package libfoo glibc usr/lib/libfoo.so.1
  rpm_package webapp 'libfoo, glibc' usr/bin/webapp
  rpm_package cpp glibc usr/bin/cpp
  rpm_package gcc 'cpp, glibc' usr/bin/gcc
  rpm_package automake 'gcc' usr/bin/automake
  rpm_in "$work/rpmroot" --initdb
  rpm_in "$work/rpmroot" -i "$work"/rpmbuild/RPMS/noarch/*.rpm
  echo main > "$work/rpmroot/app/main"
  cp -a "$work/rpmroot" "$work/twin"
  rpm_in "$work/twin" -e gcc cpp automake
  image_of "$work/rpmroot" "$work/rpm"
  shrink "$work/rpm" rpm-lean --disable '*' --drop-package gcc --drop-package cpp
  local root; root=$(root_of "$work/rpm-lean")
  judge rpm 'automake, which needs gcc, fell' jq -e '.images[0].packages.removed[] | select(.name == "automake") | .why == "needs `gcc`"' "$work/rpm-lean.json"
  judge rpm 'rpm -qa is that of the twin' bash -c "$(declare -f rpm_in); diff <(rpm_in $root -qa | sort) <(rpm_in $work/twin -qa | sort)" 
  judge rpm 'rpm -Va is clean' bash -c "$(declare -f rpm_in); rpm_in $root -Va"
  judge rpm 'rpmdb --verifydb' rpmdb --root "$root" --define '_dbpath /var/lib/rpm' --define '_db_backend sqlite' --verifydb
  judge rpm 'rpm -e --test libfoo is refused' bash -c "$(declare -f rpm_in); ! rpm_in $root -e --test libfoo"
  tree_of "$root" > "$work/tree.ours"; tree_of "$work/twin" > "$work/tree.twin"
  judge rpm 'the files are those of the twin' diff "$work/tree.ours" "$work/tree.twin"
  if command -v syft > /dev/null; then
    judge rpm 'syft lists as rpm' bash -c "syft -q oci-dir:$work/rpm-lean -o json | jq -r '.artifacts[] | select(.type == \"rpm\") | .name' | sort | diff - <($(declare -f rpm_in); rpm_in $root -qa --qf '%{NAME}\n' | sort)"
  fi
  shrink "$work/rpm" rpm-kept --disable '*' --drop-package glibc --keep usr/bin/webapp
  judge rpm 'what a kept program needs is refused' jq -e '.images[0].packages.kept[] | select(.name == "glibc")' "$work/rpm-kept.json"
}

# name|version|needs|provides|installed if|file: the rows of Alpine 3.17, with a file each.
apk_rows() {
  cat <<'EOF'
musl|1.2.3-r1||so:libc.musl-x86_64.so.1=1||lib/ld-musl-x86_64.so.1
busybox|1.35.0-r17|so:libc.musl-x86_64.so.1|/bin/sh cmd:sh=1.35.0-r17||bin/busybox
libcrypto3|3.0.5-r3|so:libc.musl-x86_64.so.1|so:libcrypto.so.3=3||lib/libcrypto.so.3
libssl3|3.0.5-r3|so:libc.musl-x86_64.so.1 so:libcrypto.so.3|so:libssl.so.3=3||lib/libssl.so.3
ssl_client|1.35.0-r17|so:libc.musl-x86_64.so.1 so:libssl.so.3|cmd:ssl_client=1.35.0-r17|busybox=1.35.0-r17 libssl3|usr/bin/ssl_client
zlib|1.2.12-r3|so:libc.musl-x86_64.so.1|so:libz.so.1=1.2.12||lib/libz.so.1
libgcc|12.2.1-r1|so:libc.musl-x86_64.so.1|so:libgcc_s.so.1=1||usr/lib/libgcc_s.so.1
libstdc++|12.2.1-r1|so:libc.musl-x86_64.so.1 so:libgcc_s.so.1|so:libstdc++.so.6=6.0.30||usr/lib/libstdc++.so.6
gmp|6.2.1-r2|so:libc.musl-x86_64.so.1|so:libgmp.so.10=10.4.1||usr/lib/libgmp.so.10
mpc1|1.2.1-r1|so:libc.musl-x86_64.so.1 so:libgmp.so.10|so:libmpc.so.3=3.2.1||usr/lib/libmpc.so.3
binutils|2.39-r2|so:libc.musl-x86_64.so.1 so:libz.so.1|cmd:ld=2.39-r2||usr/bin/ld
libgomp|12.2.1-r1|so:libc.musl-x86_64.so.1|so:libgomp.so.1=1||usr/lib/libgomp.so.1
gcc|12.2.1-r1|binutils=2.39-r2 libgomp=12.2.1-r1 so:libc.musl-x86_64.so.1 so:libgmp.so.10 so:libmpc.so.3 so:libz.so.1|cmd:gcc=12.2.1-r1||usr/bin/gcc
musl-dev|1.2.3-r1|musl=1.2.3-r1||| usr/include/stdio.h
libc-dev|0.7.2-r3|musl-dev|||usr/include/sys/queue.h
g++|12.2.1-r1|gcc=12.2.1-r1 libc-dev libstdc++=12.2.1-r1 so:libc.musl-x86_64.so.1|cmd:g++=12.2.1-r1||usr/bin/g++
make|4.3-r1|so:libc.musl-x86_64.so.1|cmd:make=4.3-r1||usr/bin/make
build-base|0.5-r3|binutils gcc g++ libc-dev make|||
mandoc|1.14.6-r6|so:libc.musl-x86_64.so.1|cmd:man=1.14.6-r6||usr/bin/man
gcc-doc|12.2.1-r1||| mandoc gcc=12.2.1-r1|usr/share/man/man1/gcc.1
.build-deps|20221122.101010|build-base|||
tool|1-r0|so:libc.musl-x86_64.so.1 so:libstdc++.so.6|||usr/bin/tool
EOF
}

case_apk() {
  local root=$work/apkroot name version needs gives joins file dir sum
  rm -rf "$root"; mkdir -p "$root"/{app,etc/apk,lib/apk/db,etc}
  echo main > "$root/app/main"
  printf 'ID=alpine\nVERSION_ID=3.17.0\n' > "$root/etc/os-release"
  printf '%s\n' .build-deps busybox libssl3 mandoc musl tool > "$root/etc/apk/world"
  : > "$root/lib/apk/db/installed"; : > "$root/lib/apk/db/triggers"; mkdir -p "$work/scripts"
  while IFS='|' read -r name version needs gives joins file; do
    file=${file# }; sum=Q1$(printf %s "$name" | openssl sha1 -binary | base64 | tr / A)
    {
      printf 'C:%s\nP:%s\nV:%s\nA:x86_64\nS:1000\nI:4096\nT:%s\nU:https://alpinelinux.org\nL:MIT\no:%s\n' "$sum" "$name" "$version" "$name" "$name"
      [ -z "$needs" ] || printf 'D:%s\n' "$needs"; [ -z "$gives" ] || printf 'p:%s\n' "$gives"; [ -z "${joins# }" ] || printf 'i:%s\n' "${joins# }"
      if [ -n "$file" ]; then
        mkdir -p "$root/$(dirname "$file")"; head -c 2000 /dev/urandom | base64 > "$root/$file"; chmod 755 "$root/$file"
        dir=; for part in $(dirname "$file" | tr / ' '); do dir=${dir:+$dir/}$part; printf 'F:%s\n' "$dir"; done
        printf 'R:%s\na:0:0:755\nZ:%s\n' "$(basename "$file")" "Q1$(openssl sha1 -binary "$root/$file" | base64)"
      fi
      echo
    } >> "$root/lib/apk/db/installed"
    case $name in gcc | busybox) echo "$sum /usr/lib/$name" >> "$root/lib/apk/db/triggers"; echo '#!/bin/sh' > "$work/scripts/$name-$version.$sum.post-install";; esac
  done < <(apk_rows)
  tar -C "$work/scripts" --owner=0 --group=0 -cf "$root/lib/apk/db/scripts.tar" $(ls "$work/scripts"); rm -rf "$work/scripts"
  image_of "$root" "$work/apk"
  shrink "$work/apk" apk-lean --profile lean --disable apk-scripts
  local left; left=$(root_of "$work/apk-lean")
  sed -n 's/^P://p' "$left/lib/apk/db/installed" | sort > "$work/apk.after"
  printf '%s\n' busybox libcrypto3 libgcc libssl3 libstdc++ mandoc musl ssl_client tool | sort > "$work/apk.expected"
  judge apk 'tool and what it needs stay, the rest goes' diff "$work/apk.expected" "$work/apk.after"
  judge apk 'world' sh -c "grep -qx tool $left/etc/apk/world && ! grep -q build-deps $left/etc/apk/world"
  judge apk 'triggers and scripts' sh -c "[ \$(wc -l < $left/lib/apk/db/triggers) = 1 ] && tar -tf $left/lib/apk/db/scripts.tar | grep -q '^busybox' && ! tar -tf $left/lib/apk/db/scripts.tar | grep -q gcc"
  judge apk 'every file of a row is there, and none else' sh -c "awk '/^F:/ { f = substr(\$0, 3) } /^R:/ { print f \"/\" substr(\$0, 3) }' $left/lib/apk/db/installed | sort > $work/apk.rows; (cd $left && find bin lib usr -type f ! -path 'lib/apk/*' | sort) | diff - $work/apk.rows"
  if command -v syft > /dev/null; then
    judge apk 'syft lists as the database' bash -c "syft -q oci-dir:$work/apk-lean -o json | jq -r '.artifacts[] | select(.type == \"apk\") | .name' | sort | diff - $work/apk.after"
  fi
  shrink "$work/apk" apk-refused --disable '*' --drop-package libssl3 --drop-package libstdc++
  judge apk 'libstdc++ is refused, tool needs it' jq -e '.images[0].packages.kept[] | select(.name == "libstdc++") | .because | join(" ") | test("tool")' "$work/apk-refused.json"
  say apk 'libssl3 dropped from world' "$(jq -c '[.images[0].packages.removed[].name]' "$work/apk-refused.json")"
}

[ $# -gt 0 ] || set -- debian make rpm apk
printf "$row" case claim held; printf "$row" --- --- ---
for name in "$@"; do "case_$name"; done
exit $failed
