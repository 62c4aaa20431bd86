#!/bin/sh
# Renders templates, runs an errand with inputs of every type, and fetches files.
set -eu
. "$(dirname "$0")/../tools.sh"

cd site
escape run build
holds about.txt "Fish & chips, version 1.0.0"
escape run deploy -v debug=true -v size=large
cat server.conf
holds server.conf "# FISH & CHIPS"
holds server.conf "log everything"
holds server.conf "server a.example.com"
holds server.conf "host b.example.com"
holds server.conf "workers 16"
escape run smoke

escape errands list --local
# A list is given as JSON, anything longer or secret better in a file.
printf 'from a file' > text
escape errands run show --local -v text=@text -v number=41 -v flag=false -v 'words=["a", "b"]' > errand.log
cat errand.log
holds errand.log "text: from a file"
holds errand.log "number: 42 is one more than 41"
lacks errand.log "flag: true"
holds errand.log 'words: ["a","b"]'
holds errand.log "numbers: [1,2]"
lacks errand.log "hidden-in-logs"
holds errand.log "1.0.0 as demo/site in dev of local-state-project"

# What does not fit is refused before anything runs.
! escape errands run show --local -v text=x -v number=many > refused.log || fail "a number that is none was accepted"
! escape errands run show --local -v text=x -v choice=up >> refused.log || fail "a choice that is none was accepted"
! escape errands run show --local >> refused.log || fail "the missing text was not missed"
cat refused.log

# The server is Python's, on a port that the system chooses.
cd ../downloads
if ! command -v python3 > /dev/null; then
	echo "skipped: downloads, for there is no python3 to serve files"
	exit
fi
tar -czf ../files/more.tar.gz -C ../files more
mkfifo "$work/port"
python3 -u -m http.server 0 --bind 127.0.0.1 --directory ../files > "$work/port" 2> "$work/requests" &
server=$!
trap 'kill "$server"; rm -rf "$work"' EXIT
exec 3< "$work/port"
read -r line <&3 # Serving HTTP on 127.0.0.1 port N ...
port=${line#*port }
port=${port%% *}
sed "s/localhost:8000/127.0.0.1:$port/" escape.yml > escape.new
mv escape.new escape.yml

escape run build
escape run test
escape run build # what is there already is not fetched again
[ "$(grep -c "GET /words.txt" "$work/requests")" = 1 ] || fail "the words were fetched twice"
[ ! -e setup.exe ] || fail "a file for Windows was fetched"
escape run package
tar -tzf .escape/target/words-v1.0.0.tgz > files.txt
holds files.txt "fetched/more/words.txt"
