#!/bin/sh
set -e
export HOME=/tmp
cd /tmp
git clone -q "$1" r
cd r
git log --format='%h %an %s'
echo change >> a.txt
git -c user.name=A -c user.email=a@b commit -qam second
git diff --stat HEAD~1
git fsck 2> /dev/null | wc -l
