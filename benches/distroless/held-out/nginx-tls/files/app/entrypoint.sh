#!/usr/bin/env bash
set -e
: "${NAME:?}"
shopt -s nullglob
for part in /app/entrypoint.d/*.sh; do
  . "$part"
done
program=$1; shift
exec "$program" "$@"
