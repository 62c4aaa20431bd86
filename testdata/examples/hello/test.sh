#!/bin/sh
# Checks the build.
set -eu
grep -q "^Hello, $INPUT_who!\$" greeting.txt
