#!/usr/bin/env bash
# Opens HTML reports in headless Chromium, says how many milliseconds passed until each was ready, and takes pictures of them.
#   benches/page.sh REPORT.html…        REPORT.png comes beside each
# Needs chromium. Without reports it makes an image of 50,000 paths and its report first; the program must be built.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${OCI_SLIM:-$root/target/release/oci-slim}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
chrome() {
  chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$scratch/profile" --window-size=1280,1800 "$@" 2> "$scratch/errors"
}
if [ $# -eq 0 ]; then
  python3 - "$scratch/image.tar" <<'P'
import hashlib, io, json, sys, tarfile
layer = io.BytesIO()
with tarfile.open(fileobj=layer, mode='w') as tar:
    for n in range(50000):
        entry = tarfile.TarInfo(f'usr/lib/part{n % 97}/sub{n % 31}/file-{n}.so')
        entry.size = n % 4099
        tar.addfile(entry, io.BytesIO(bytes([n % 251]) * entry.size))
layer = layer.getvalue()
config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {}, 'rootfs': {'type': 'layers', 'diff_ids': ['sha256:' + hashlib.sha256(layer).hexdigest()]}}).encode()
with tarfile.open(sys.argv[1], 'w') as tar:
    manifest = json.dumps([{'Config': 'config.json', 'RepoTags': ['paths:50000'], 'Layers': ['layer.tar']}]).encode()
    for name, data in (('config.json', config), ('layer.tar', layer), ('manifest.json', manifest)):
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
P
  "$program" inspect "$scratch/image.tar" -q --report "$scratch/paths.html"
  set -- "$scratch/paths.html"
fi
for report in "$@"; do
  page=file://$(realpath "$report")
  ready=$(chrome --dump-dom "$page" | grep -o 'data-ready="[0-9]*"' | tr -dc 0-9)
  chrome --screenshot="${report%.html}.png" "$page"
  echo "$(basename "$report"): $(stat -c %s "$report") bytes, ready after ${ready:?the script of the page failed} ms"
done
