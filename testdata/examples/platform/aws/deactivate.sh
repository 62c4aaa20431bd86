#!/bin/sh
# Takes the credentials away again.
set -eu
rm -f "$OUTPUT_credentials_file"
