#!/bin/sh
# Errands see the inputs and outputs of the deployment, and inputs of their own.
set -eu
export KUBECONFIG="$INPUT_kubeconfig"
kubectl scale deployment/storefront --namespace "$INPUT_namespace" --replicas="$INPUT_count"
