#!/bin/sh
# Releases the extension and the packages that extend it, and looks at what they got from it.
set -eu
. "$(dirname "$0")/../tools.sh"

(cd script-quality && escape run release --skip-deploy)

# Tested at the level of the package, and packed with what was made after the build.
(cd backup && escape run release --skip-deploy) > backup.log
cat backup.log
holds backup.log "./backup.sh: strict, fine"
tar -tzf backup/.escape/target/backup-v1.0.0.tgz > files.txt
cat files.txt
holds files.txt "scripts.sum"

# What was inherited, and what was not: metadata of the extension, read where the plan was compiled.
escape inventory query -p demo -a backup -v latest > backup.json
holds backup.json '"quality": "checked by script-quality 1.0.0"'
holds backup.json '"description": "What is checked.'

# The level is an input like any other; one that the extension does not allow is refused.
! (cd backup && escape run build -v quality_level=lax > ../refused.log) || fail "the level lax was accepted"
holds refused.log "lax"

# A test of its own, which calls the inherited one.
(cd report && escape run release --skip-deploy) > report.log
cat report.log
holds report.log "./report.sh: syntax, fine"
holds report.log "report.sh: read by two people"

# The inherited errand runs on what is deployed.
mkdir environments data
echo something > data/file
cd environments
escape run deploy demo/backup-latest -v source="$work/data" -v target="$work/copy"
holds "$work/copy/file" "something"
escape errands list -d demo/backup
escape errands run verify -d demo/backup > errand.log
cat errand.log
holds errand.log "the scripts are those that were built"
escape run deploy demo/report-latest -v folder="$work/data"
escape state show-deployment -d demo/report > report.json
holds report.json '"files": 1'
