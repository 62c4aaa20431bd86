#!/bin/sh
# Builds the playground into dist/, a folder for any web server. Needs Go, node and npm.
set -eu
cd "$(dirname "$0")"

npm ci --ignore-scripts --no-audit --no-fund
npm run --silent check
rm -rf dist
mkdir dist
GOOS=js GOARCH=wasm go build -trimpath -ldflags='-s -w' -o dist/escape.wasm ../../cmd/escape-playground
gzip -9 -n dist/escape.wasm
node build.mjs "$(go env GOROOT)/lib/wasm/wasm_exec.js"
