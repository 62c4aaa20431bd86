#!/bin/sh
# Starts the database, in place of the one that is there.
set -eu
docker rm --force "$INPUT_container"
export POSTGRES_PASSWORD="$INPUT_password" # not as an argument, which every user of the machine can read
docker run --detach --name "$INPUT_container" --env POSTGRES_PASSWORD --env POSTGRES_DB="$INPUT_database" postgres:16
