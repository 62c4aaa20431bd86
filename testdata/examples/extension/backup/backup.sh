#!/bin/sh
# Copies the folder.
set -eu
mkdir -p "$INPUT_target"
cp -R "$INPUT_source/." "$INPUT_target"
