#!/bin/sh
# Prints the folder of code-server, which is VS Code in a browser, and of the Node it needs. Both are installed there from npm
# if they are not yet: that takes a minute or two, and needs a C++ compiler and Python.
set -eu

version=4.139.1
node=24.21.0
home=${ESCAPE_EDITORS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/escape-editors}
folder=$home/code-server-$version-node-$node

if [ -e "$folder/complete" ]; then
	echo "$folder"
	exit
fi

# Two runs at once may both get here: each builds in a folder of its own, and the first to finish gives it its name.
mkdir -p "$home"
new=$(mktemp -d "$home/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
cd "$new"

install() { npm install --ignore-scripts --omit=dev --no-audit --no-fund --no-update-notifier --loglevel=error "$@" >&2; }

case $(uname -m) in
aarch64 | arm64) arch=arm64 ;;
*) arch=x64 ;;
esac
echo '{"private": true}' >package.json
install "code-server@$version"
install --force "node-linux-$arch@$node"
mv "node_modules/node-linux-$arch" node
export PATH="$new/node/bin:$PATH"

# The server of VS Code has dependencies of its own. What only its assistants, other systems and containers need is left out.
cd node_modules/code-server/lib/vscode
node - <<'EOF'
const fs = require("node:fs");
const unused =
  /^(@devcontainers|@github|@microsoft\/mxc-sdk|@vscode\/(copilot|sandbox|windows)|kerberos|ssh2|@vscode\/deviceid|@vscode\/fs-copyfile)/;
const manifest = JSON.parse(fs.readFileSync("package.json", "utf8"));
for (const name of Object.keys(manifest.dependencies)) {
  if (unused.test(name)) delete manifest.dependencies[name];
}
delete manifest.overrides;
fs.writeFileSync("package.json", JSON.stringify(manifest));
EOF
install

# Native modules are compiled against the headers that came with Node, without optimising: nothing here is slow.
export npm_config_nodedir="$new/node" CFLAGS=-O0 CXXFLAGS=-O0 JOBS=1
pids=
for module in @vscode/sqlite3 @vscode/spdlog; do
	npm rebuild --foreground-scripts --loglevel=error "$module" >"$new/build-${module#@vscode/}.log" 2>&1 &
	pids="$pids $!"
done
for pid in $pids; do
	wait "$pid" || { cat "$new"/build-*.log >&2; exit 1; }
done
npm rebuild --loglevel=error @vscode/native-watchdog >&2

cd "$home"
touch "$new/complete"
mv -T "$new" "$folder" 2>/dev/null || [ -e "$folder/complete" ]
echo "$folder"
