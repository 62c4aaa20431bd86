#!/bin/sh
# Says where the credentials will be. Outputs are written as JSON to the file named by the first argument.
set -eu
printf '{"credentials_file": "%s/.aws/%s"}\n' "$HOME" "$INPUT_account" > "$1"
