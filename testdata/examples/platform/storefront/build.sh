#!/bin/sh
# Makes the image and puts it where the cluster finds it.
set -eu
docker build --tag "$INPUT_image" .
docker push "$INPUT_image"
