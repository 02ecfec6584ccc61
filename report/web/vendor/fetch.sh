#!/bin/sh
# Fetches the library of the report's page from npm, at the version below, and checks the hashes. To take
# another version, change it, run the script with --record, and read what changed.
set -eu
cd "$(dirname "$0")"
version=1.6.32
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
(cd "$dir" && npm pack --silent "uplot@$version" >/dev/null && tar xzf "uplot-$version.tgz")
cp "$dir/package/dist/uPlot.iife.min.js" uplot.min.js
cp "$dir/package/dist/uPlot.min.css" uplot.min.css
cp "$dir/package/LICENSE" uplot.LICENSE
if [ "${1:-}" = --record ]; then
	sha256sum uplot.min.js uplot.min.css uplot.LICENSE >SHA256SUMS
fi
sha256sum -c SHA256SUMS
