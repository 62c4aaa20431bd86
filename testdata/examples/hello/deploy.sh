#!/bin/sh
# Puts the greeting in place. Outputs are written as JSON to the file named by the first argument.
set -eu
mkdir -p "$INPUT_folder"
printf 'Hello, %s!\n' "$INPUT_who" > "$INPUT_folder/index.txt"
printf '{"page": "%s/index.txt"}\n' "$INPUT_folder" > "$1"
