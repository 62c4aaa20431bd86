#!/bin/sh
# Checks every script of the package. It runs in the folder of the package that extends this one.
set -eu
for script in ./*.sh; do
	sh -n "$script"
	if [ "$INPUT_quality_level" = strict ] && ! grep -q '^set -eu$' "$script"; then
		echo "$script: 'set -eu' is missing" >&2
		exit 1
	fi
	echo "$script: $INPUT_quality_level, fine"
done
