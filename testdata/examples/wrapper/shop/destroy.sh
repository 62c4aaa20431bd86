#!/bin/sh
# Stops the shop. A build has none.
set -eu
if [ -n "${OUTPUT_url:-}" ]; then
	docker rm --force shop
fi
