#!/bin/sh
# Counts the files.
set -eu
files=$(find "$INPUT_folder" -type f | wc -l)
printf '{"files": "%d"}\n' "$files" > "$1"
