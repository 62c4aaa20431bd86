#!/bin/sh
# Stops the server and deletes the data. A build has neither.
set -eu
if [ -n "${OUTPUT_container:-}" ]; then
	docker rm --force "$OUTPUT_container"
	docker volume rm --force "$OUTPUT_container"
fi
