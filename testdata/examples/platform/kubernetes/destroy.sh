#!/bin/sh
# Takes the cluster away. A build has none.
set -eu
if [ -n "${OUTPUT_server:-}" ]; then
	. ./terraform.sh
	terraform destroy -no-color -auto-approve
fi
