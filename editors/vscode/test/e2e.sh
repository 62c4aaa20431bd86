#!/bin/sh
# Runs all tests of the extension: types, unit tests, and the packed extension in VS Code itself, which is code-server in Chromium,
# with a real server of Escape. Needs npm, Chromium and, the first time, a C++ compiler and Python; on Debian as root it installs
# those that are missing. $ESCAPE is the program to pack; it is built if not set. Screenshots go to $ESCAPE_SCREENSHOTS; without
# it they are kept in a temporary folder if a test fails.
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

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }

# The first time this compiles for a while; what needs it not is done meanwhile.
test/code-server.sh >"$work/folder" 2>"$work/code-server.log" &
install=$!
if ! cmp -s package-lock.json node_modules/.from; then
	npm ci --loglevel=error
	cp package-lock.json node_modules/.from
fi
quietly npm run check
quietly npm test
case $(uname -m) in
aarch64 | arm64) target=linux-arm64 ;;
*) target=linux-x64 ;;
esac
set -- --target "$target" --out "$work/escape.vsix"
if [ -n "${ESCAPE:-}" ]; then
	set -- "$@" --program "$(command -v "$ESCAPE")"
fi
quietly node scripts/package.mjs "$@"
wait "$install" || { cat "$work/code-server.log" >&2; exit 1; }
folder=$(cat "$work/folder")

# One process, so that an end from outside reaches the browser and the server too.
export CODE_SERVER="$folder" CHROMIUM="$chromium" VSIX="$work/escape.vsix" WORK="$work"
export ESCAPE_SCREENSHOTS="${ESCAPE_SCREENSHOTS:-$work/screenshots}"
"$folder/node/bin/node" --test --test-isolation=none --test-reporter=spec test/e2e/e2e.test.mjs &
tests=$!
trap 'kill "$tests" 2>/dev/null; wait "$tests"; exit 1' INT TERM HUP
wait "$tests" || {
	if [ "$ESCAPE_SCREENSHOTS" = "$work/screenshots" ]; then
		kept=$(mktemp -d)
		cp "$work"/screenshots/* "$kept" && echo "screenshots are in $kept" >&2
	fi
	exit 1
}
