#!/bin/sh
# Tests the packed extension in VS Code itself: code-server in Chromium, with a real server of Escape. Needs Go, npm, Chromium
# and, the first time, a C++ compiler and Python; on Debian as root it installs those that are missing.
# Screenshots go to $ESCAPE_SCREENSHOTS, or to a temporary folder that is kept when a test fails.
set -eu
cd "$(dirname "$0")/.."

missing=
need() { command -v "$1" >/dev/null || missing="$missing $2"; }
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$chromium" ] || missing="$missing chromium"
need g++ g++
need make make
need python3 python3
if [ -n "$missing" ]; then
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "these programs are needed:$missing" >&2
		exit 1
	fi
	apt-get -qq -o DPkg::Lock::Timeout=300 update
	# shellcheck disable=SC2086 # several names
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing >/dev/null
	chromium=${chromium:-$(command -v chromium)}
fi

folder=$(test/code-server.sh)
if ! cmp -s package-lock.json node_modules/.from; then
	npm ci --loglevel=error
	cp package-lock.json node_modules/.from
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $(uname -m) in
aarch64 | arm64) target=linux-arm64 ;;
*) target=linux-x64 ;;
esac
node scripts/package.mjs --target "$target" --out "$work/escape.vsix" >"$work/package.log" || { cat "$work/package.log"; exit 1; }

CODE_SERVER=$folder CHROMIUM=$chromium VSIX=$work/escape.vsix WORK=$work \
	"$folder/node/bin/node" --test --test-reporter=spec test/e2e/e2e.test.mjs
