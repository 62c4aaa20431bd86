#!/bin/sh
# Shows the end of the log.
set -eu
export KUBECONFIG="$INPUT_kubeconfig"
kubectl logs deployment/storefront --namespace "$INPUT_namespace" --tail="$INPUT_lines"
