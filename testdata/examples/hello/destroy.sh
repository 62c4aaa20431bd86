#!/bin/sh
# Takes away what build and deploy made; a build has no page.
set -eu
rm -f "${OUTPUT_page:-greeting.txt}"
