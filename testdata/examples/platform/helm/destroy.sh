#!/bin/sh
# Deletes the namespace. A build has none.
set -eu
if [ -n "${OUTPUT_namespace:-}" ]; then
	export KUBECONFIG="$INPUT_kubeconfig"
	kubectl delete namespace "$OUTPUT_namespace" --ignore-not-found
fi
