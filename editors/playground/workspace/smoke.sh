#!/bin/sh
# Asks the shop for its front page.
set -eu
curl --fail --silent --show-error "$OUTPUT_url" >/dev/null
