#!/bin/sh
# The page has to be there. Providers are not activated for a smoke test: it sees what a customer sees.
set -eu
curl --fail --silent --show-error --retry 5 "$OUTPUT_url"
