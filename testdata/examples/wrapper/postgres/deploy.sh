#!/bin/sh
# Starts the server; a container that is there already is replaced, its data is in a volume.
set -eu
docker rm --force "$INPUT_container"
export POSTGRES_PASSWORD="$INPUT_password" # --env without value takes it from here, so that no list of processes shows it
docker run --detach --name "$INPUT_container" --volume "$INPUT_container:/var/lib/postgresql/data" \
	--env POSTGRES_PASSWORD --env POSTGRES_DB="$INPUT_database" postgres:17
