#!/bin/sh
# Starts the shop, in place of the one that is there.
set -eu
docker rm --force shop
export DATABASE_URL="$INPUT_database_url"
docker run --detach --name shop --publish "$INPUT_port:80" --env DATABASE_URL registry.example.com/demo/shop:1
