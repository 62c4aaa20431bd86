#!/bin/sh
# Makes what the package ships. Inputs arrive as INPUT_<id>.
set -eu
printf 'Hello, %s!\n' "$INPUT_who" > greeting.txt
echo "greeting.txt is ready"
