#!/bin/sh
# Checks that the generated files of package simd are what the generator writes; with -w it writes them.
# Call it from anywhere. It needs the generator's modules (avo), once.
set -eu
gen=$(cd "$(dirname "$0")" && pwd)
if [ "${1:-}" = "-w" ]; then
	cd "$gen" && exec go run . -dir ..
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$gen"
go run . -dir "$tmp"
status=0
for f in "$tmp"/*; do
	diff -u "../$(basename "$f")" "$f" || status=1
done
if [ "$status" != 0 ]; then
	echo "internal/simd: generated files are stale, run: go generate ./internal/simd" >&2
fi
exit "$status"
