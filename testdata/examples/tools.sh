# Read by the run.sh of every example: makes a copy of the example to work in, puts stand-ins for the commands of the
# outside world into the PATH, and defines what run.sh needs to check what came out. ESCAPE names the client.
#
# The stand-ins (see the folder of that name) make nothing and reach nobody; they write what they were asked to $ASKED.
# The real terraform is used where it is at hand, for the examples manage nothing but terraform_data, which exists in
# terraform's state only; with CI set it is a stand-in too. EXAMPLES_LIVE=1 leaves all commands as they are: then
# whatever account and cluster they talk to is really changed.

: "${ESCAPE:?must name the client, such as /path/to/bin/escape}"
case $ESCAPE in
/*) ;;
*) ESCAPE=$PWD/$ESCAPE ;;
esac

example=$(cd "$(dirname "$0")" && pwd)
examples=$(dirname "$example")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cp -R "$example/." "$work"
cd "$work"
# Not what somebody who tried it by hand left behind.
find . \( -name .escape -o -name deps -o -name 'escape_state.json*' \) -prune -exec rm -rf {} +

# A home of its own: no configuration, released packages or credentials of the user are read or written.
export HOME="$work/home" XDG_CONFIG_HOME="$work/home/.config"
export ASKED="$work/asked.txt"
mkdir -p "$HOME" "$work/bin"
: > "$ASKED"

if [ "${EXAMPLES_LIVE:-}" != 1 ]; then
	for stand_in in "$examples"/stand-ins/*; do
		name=$(basename "$stand_in")
		if [ "$name" = terraform ] && [ -z "${CI:-}" ] && command -v terraform >/dev/null; then
			continue
		fi
		ln -s "$stand_in" "$work/bin/$name"
	done
	export PATH="$work/bin:$PATH"
fi

# escape runs the client, and says so.
escape() {
	printf '\n$ escape %s\n' "$*"
	"$ESCAPE" "$@" 2>&1
}

# fail ends the example.
fail() {
	echo "FAILED: $*" >&2
	exit 1
}

# holds FILE TEXT: the file has the text in it.
holds() {
	grep -qF -e "$2" "$1" || { cat "$1" >&2; fail "'$2' is not in $1"; }
}

# lacks FILE TEXT: the file does not have the text in it.
lacks() {
	! grep -qF -e "$2" "$1" || fail "'$2' is in $1"
}

# asked TEXT: a stand-in was called like this.
asked() {
	[ "${EXAMPLES_LIVE:-}" = 1 ] || holds "$ASKED" "$1"
}
