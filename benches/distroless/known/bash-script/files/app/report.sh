#!/bin/bash
set -euo pipefail
dir=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find "$dir" -maxdepth 1 -type f | sort | while read -r file; do
  printf '%s %s\n' "$(basename "$file")" "$(wc -l < "$file")"
done > "$work/list"
grep -c GPL "$work/list"
cut -d' ' -f1 "$work/list" | tr a-z A-Z | head -n 3
awk '{ sum += $2 } END { print "lines", sum }' "$work/list"
sed -n 's/^Apache/found &/p' "$work/list"
sha256sum < "$work/list" | cut -c -8
TZ=America/New_York date -d @1700000000 +%H:%M
gzip -c "$work/list" | gzip -dc | md5sum
tar -C "$work" -czf "$work/l.tgz" list && tar -tzf "$work/l.tgz"
diff <(echo a) <(echo b) || echo "diff says $?"
xargs -n 2 echo <<< "1 2 3"
id -un
