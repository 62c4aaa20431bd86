#!/bin/sh
# The page has to greet.
set -eu
grep "^$INPUT_greeting" "$OUTPUT_page"
