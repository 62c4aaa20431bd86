#!/bin/sh
# Releases the parts and the wrapper, looks at what a deployment would do, deploys it, changes it, and takes it away.
set -eu
. "$(dirname "$0")/../tools.sh"
printf 'not-so-secret' > password

for package in postgres shop; do
	(cd "$package" && escape run release --skip-deploy)
done
cd shop-with-database
escape run release --skip-build --skip-deploy
escape validate # knows the parts now, and compares the links with what they take
cd ..

mkdir environments
cd environments
escape plan demo/shop-with-database-latest -v password=@../password > plan.txt
cat plan.txt
holds plan.txt "3 actions"

# One deployment, three records in the state: the wrapper and, below it, its parts.
escape run deploy demo/shop-with-database-latest -v password=@../password > deploy.log
cat deploy.log
lacks deploy.log "not-so-secret"
asked "docker run --detach --name shop-postgres"
asked "docker exec shop-postgres pg_isready --timeout=30"
asked "docker run --detach --name shop --publish 8080:80"
escape state show-deployment -d demo/shop-with-database > state.txt
holds state.txt '"postgres": "demo/shop-with-database:postgres"'
holds state.txt '"url": "http://localhost:8080/"'

# Another port changes the shop and leaves the database alone.
escape apply --yes demo/shop-with-database-latest -v port=9090 > apply.log
cat apply.log
asked "docker run --detach --name shop --publish 9090:80"
[ "$(grep -c "docker run --detach --name shop-postgres" "$ASKED")" = 1 ] || fail "the database was started again"

escape apply --destroy --yes demo/shop-with-database-latest
asked "docker volume rm --force shop-postgres"
