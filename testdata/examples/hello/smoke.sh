#!/bin/sh
# Checks the deployment. Outputs arrive as OUTPUT_<id>.
set -eu
cat "$OUTPUT_page"
grep -q "^Hello, $INPUT_who!\$" "$OUTPUT_page"
