#!/bin/sh
# Starts the API, in place of the one that is there.
set -eu
docker rm --force shop-api
docker run --detach --name shop-api --publish "$INPUT_port:80" \
	--volume "$PWD/api.conf:/etc/api.conf:ro" registry.example.com/demo/api:1
