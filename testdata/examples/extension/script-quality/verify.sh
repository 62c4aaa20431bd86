#!/bin/sh
# Compares the scripts of the package with what scripts.sum says of them.
set -eu
cksum ./*.sh | diff scripts.sum -
echo "the scripts are those that were built"
