#!/bin/sh
# Writes the page to the folder of the environment.
set -eu
folder="$HOME/www/$INPUT_hostname"
mkdir -p "$folder"
echo "$INPUT_greeting to $INPUT_environment" > "$folder/index.txt"
printf '{"page": "%s/index.txt"}\n' "$folder" > "$1"
