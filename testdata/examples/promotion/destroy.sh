#!/bin/sh
# Takes the page away. A build has none.
set -eu
if [ -n "${OUTPUT_page:-}" ]; then
	rm -f "$OUTPUT_page"
fi
