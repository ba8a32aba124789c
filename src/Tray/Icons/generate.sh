#!/bin/sh
# Draws the icons of all sizes from svg/. Needs rsvg-convert (librsvg2-bin) and ImageMagick. The results are committed.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
for svg in svg/*.svg; do
    name=$(basename "$svg" .svg)
    for size in 22 24 32 48; do
        mkdir -p "hicolor/${size}x$size/status"
        rsvg-convert -w $size -h $size "$svg" -o "hicolor/${size}x$size/status/$name.png"
    done
    for size in 16 20 24 32; do rsvg-convert -w $size -h $size "$svg" -o "$work/$size.png"; done
    /usr/bin/convert "$work/16.png" "$work/20.png" "$work/24.png" "$work/32.png" "$name.ico"
done
