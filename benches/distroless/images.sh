#!/usr/bin/env bash
# Builds the images that benches/distroless.sh shrinks: single-stage images of everyday programs, as people build them.
#
#   benches/distroless/images.sh DIR [ROW…]
#
# One OCI layout DIR/images holds them all: a fat base layer with a compiler, a layer of Debian packages for each
# kind of program, a small layer with the files of each row, and the row's configuration. What is there stays.
# Needs root, mmdebstrap, umoci, openssl, npm and Debian's and npm's registries. Environment: SUITE, MIRROR.
set -euo pipefail
dir=${1:?usage: $0 DIR [ROW…]}; shift
here=$(cd "$(dirname "$0")" && pwd)
suite=${SUITE:-bookworm} mirror=${MIRROR:-http://deb.debian.org/debian}
mkdir -p "$dir"/{roots,lists/partial,debs/partial}; dir=$(cd "$dir" && pwd)
images=$dir/images
wanted=" $* "
[ -d "$images" ] || umoci init --layout "$images"
have() { umoci list --layout "$images" | grep -qx "$1"; }
add() { # TAG FROM TARBALL
  umoci tag --image "$images:$2" "$1"
  umoci raw add-layer --image "$images:$1" "$3"
}

# What the image trusts: the servers that the bench runs on this machine.
if [ ! -s "$dir/ca.crt" ]; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/CN=Bench root" -keyout "$dir/ca.key" -out "$dir/ca.crt" 2> /dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/CN=localhost" -keyout "$dir/server.key" -out "$dir/server.csr" 2> /dev/null
  openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 3650 -out "$dir/server.crt" \
    -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1') 2> /dev/null
fi
if ! have base; then
  mmdebstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' \
    --include=build-essential,ca-certificates,tzdata,locales,curl,pkg-config,netbase \
    --customize-hook="cp '$dir/ca.crt' \"\$1/usr/local/share/ca-certificates/bench.crt\" && chroot \"\$1\" update-ca-certificates" \
    --customize-hook='printf "de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n" > "$1/etc/locale.gen" && chroot "$1" locale-gen' \
    "$suite" "$dir/base.tar" "$mirror"
  umoci new --image "$images:base"
  umoci raw add-layer --image "$images:base" "$dir/base.tar"
  umoci config --image "$images:base" --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --config.cmd bash
  mkdir "$dir/roots/base" && tar -xpf "$dir/base.tar" -C "$dir/roots/base" --xattrs --xattrs-include='*'
  rm "$dir/base.tar"
fi

# Runs a command on the lower directories (topmost first) and packs what it changed as a layer.
change() { # NAME LOWER COMMAND…
  local upper=$dir/roots/$1 root=$dir/work.$1/root lower=$2; shift 2
  rm -rf "$upper" "${root%/*}"; mkdir -p "$upper" "$root" "${root%/*}/w"
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 upper=$2 lower=$3 dir=$4; shift 4
    mount -t overlay overlay -o "lowerdir=$lower,upperdir=$upper,workdir=${root%/*}/w" "$root"
    mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"
    mount --bind "$dir/lists" "$root/var/lib/apt/lists"; mount --bind "$dir/debs" "$root/var/cache/apt/archives"
    mount -t tmpfs tmpfs "$root/run"; cp -L /etc/resolv.conf "$root/run/resolv.conf" || :
    [ ! -e "$root/etc/resolv.conf" ] || mount --bind "$root/run/resolv.conf" "$root/etc/resolv.conf"
    mount -t tmpfs tmpfs "$root/tmp"
    printf "#!/bin/sh\nexit 101\n" > "$root/run/policy-rc.d"; chmod +x "$root/run/policy-rc.d"
    "$@"' change "$root" "$upper" "$lower" "$dir" "$@"
  # Overlay's whiteouts and opaque directories, as layers have them.
  (cd "$upper" && find . -type c -print0 | while IFS= read -r -d '' path; do
    rm "$path"; : > "${path%/*}/.wh.${path##*/}"
  done
  find . -type d -print0 | while IFS= read -r -d '' path; do
    [ "$(getfattr --only-values -n trusted.overlay.opaque "$path" 2> /dev/null)" != y ] || : > "$path/.wh..wh..opq"
  done)
  tar -C "$upper" --xattrs --xattrs-include='security.*' --sort=name --numeric-owner -cf "${root%/*}/layer.tar" .
  find "$upper" -name .wh..wh..opq -delete
  find "$upper" -name '.wh.*' -print0 | while IFS= read -r -d '' path; do
    rm "$path"; mknod "${path%/*}/${path##*/.wh.}" c 0 0
  done
}
install() { # ROOT PACKAGE…
  local root=$1; shift
  printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod +x "$root/usr/sbin/policy-rc.d"
  [ -n "$(ls "$root/var/lib/apt/lists" | grep _Packages)" ] || chroot "$root" apt-get -qq update
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get -qq -y install --no-install-recommends "$@" > /dev/null
  rm "$root/usr/sbin/policy-rc.d"
}
export -f install
image() { # NAME PACKAGE…
  local name=$1; shift
  ! have "$name" || return 0
  echo "image $name" >&2
  change "$name" "$dir/roots/base" bash -euc 'root=$1; shift; install "$root" "$@"' install "$dir/work.$name/root" "$@"
  add "$name" base "$dir/work.$name/layer.tar"
  rm -rf "$dir/work.$name"
}
# row NAME IMAGE [-e NAME=VALUE] [-w DIR] [-u USER] [--entry] [--ask] -- ARGV…
row() {
  local name=$1 from=$2 entry=0 flags=() word; shift 2
  case $wanted in *" $name "*|"  ") ;; *) return 0;; esac
  ! have "row-$name" || return 0
  echo "row $name" >&2
  while [ "$1" != -- ]; do case $1 in
    -e) flags+=(--config.env "$2"); shift 2;;
    -w) flags+=(--config.workingdir "$2"); shift 2;;
    -u) flags+=(--config.user "$2"); shift 2;;
    --entry) entry=1; shift;;
    --ask) shift;;
  esac; done; shift
  flags+=(--clear config.cmd)
  # As people write them: the program in Entrypoint, the rest in Cmd; or all in Cmd.
  [ $entry = 0 ] || { flags+=(--config.entrypoint "$1"); shift; }
  for word in "$@"; do flags+=(--config.cmd "$word"); done
  local files=$rows/$name lower=$dir/roots/base
  [ "$from" = base ] || lower=$dir/roots/$from:$lower
  if [ -d "$files" ]; then
    change "row-$name" "$lower" bash -euc '
      [ ! -d "$2/files" ] || cp -r "$2/files/." "$1/"
      [ ! -x "$2/build" ] || "$2/build" "$1"' row "$dir/work.row-$name/root" "$files"
    add "row-$name" "$from" "$dir/work.row-$name/layer.tar"
    rm -rf "$dir/work.row-$name"
  else
    umoci tag --image "$images:$from" "row-$name"
  fi
  umoci config --image "$images:row-$name" "${flags[@]}"
}

image go golang-go
image web nginx-light git openssl
image python python3 python3-flask python3-requests python3-yaml gunicorn supervisor uwsgi uwsgi-plugin-python3 python3-pip
image node nodejs
image perl libdatetime-perl libwww-perl liblwp-protocol-https-perl libjson-perl libtext-csv-perl libdbd-sqlite3-perl
image php php-cli php-mbstring php-xml php-intl php-sqlite3 php-curl
image ruby ruby ruby-rack ruby-nokogiri puma
image java default-jdk-headless
image db redis-server postgresql memcached sqlite3
image musl musl-tools
image tools jq rsync openssh-client gnupg vim xz-utils zstd busybox file libnss-myhostname
image media imagemagick ffmpeg
rows=$here/known; . "$here/known.sh"
rows=$here/held-out; . "$here/held-out.sh"
umoci gc --layout "$images" > /dev/null
