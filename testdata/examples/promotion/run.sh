#!/bin/sh
# Takes a service from dev over stage to live, twice, and lets converge do the rest.
set -eu
. "$(dirname "$0")/../tools.sh"

# page ENVIRONMENT TEXT: this is what stands on the page of the environment.
page() {
	case $1 in
	live) file=$HOME/www/www.example.com/index.txt ;;
	*) file=$HOME/www/$1.example.com/index.txt ;;
	esac
	[ "$(cat "$file")" = "$2" ] || fail "the page of $1 is not '$2' but '$(cat "$file")'"
}

state=$work/environments.json
escape run release --skip-deploy
escape tag demo/website-latest candidate

mkdir elsewhere
cd elsewhere # what is released needs no source
escape run deploy demo/website:candidate -e dev -s "$state"
page dev "Welcome to dev"

# The release goes on; the inputs stay where they are. -f means that nobody is asked.
escape run promote -d demo/website -e dev --to stage -f -s "$state"
page stage "Welcome to stage"
escape run promote -d demo/website -e stage --to live -f -s "$state"
page live "Hello to live"
escape tag demo/website:candidate live

# Another version, the same way. Its greeting on stage is prepared: "state create" runs nothing, it says what is wanted, and
# converge does what is wanted.
(cd .. && escape run release --skip-deploy)
escape run deploy demo/website-latest -e dev -s "$state"
escape run promote -d demo/website -e dev --to stage -f -s "$state"
escape state create --deploy demo/website-latest -e stage -v greeting=Servus -s "$state"
page stage "Welcome to stage"
escape run converge -e stage -s "$state"
page stage "Servus to stage"

# An environment input was changed by hand: converge --refresh deploys what is well again.
sed 's/"greeting": "Hello"/"greeting": "Hi"/' "$state" > new.json
mv new.json "$state"
escape run converge --refresh -e live -s "$state"
page live "Hi to live"

escape state list-deployments -e live -s "$state"
escape inventory query -p demo -a website -v live --json > live.json
holds live.json '"version":"1.0.0"'
