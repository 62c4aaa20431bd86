#!/bin/sh
# Installs the chart, or upgrades it; on an upgrade the values of the last run arrive as INPUT_PREVIOUS_<id>.
set -eu
export KUBECONFIG="$INPUT_kubeconfig"
test -s "$KUBECONFIG" # put there by the provider
if [ -n "${INPUT_PREVIOUS_image:-}" ]; then
	echo "upgrading from $INPUT_PREVIOUS_image"
fi
helm upgrade storefront chart --install --wait --namespace "$INPUT_namespace" --values values.yaml
