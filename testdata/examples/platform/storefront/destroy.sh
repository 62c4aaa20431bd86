#!/bin/sh
# Takes the chart out of the cluster. A build put nothing there.
set -eu
if [ -n "${OUTPUT_url:-}" ]; then
	export KUBECONFIG="$INPUT_kubeconfig"
	helm uninstall storefront --namespace "$INPUT_namespace" --wait
fi
