#!/bin/sh
set -eu
echo "deploying to $INPUT_region"
