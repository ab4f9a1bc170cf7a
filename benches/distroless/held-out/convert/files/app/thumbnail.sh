#!/bin/sh
set -e
cd /tmp
convert -size 64x48 gradient:red-blue a.png
convert a.png -resize 50% -rotate 90 -quality 80 b.jpg
identify -format '%m %wx%h %[colorspace]\n' a.png b.jpg
convert b.jpg c.webp && identify -format '%m %w\n' c.webp
convert a.png txt:- | head -n 2 | tail -n 1
