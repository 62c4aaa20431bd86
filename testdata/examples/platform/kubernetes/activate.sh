#!/bin/sh
# Makes the configuration of kubectl, and chooses the cluster in it.
set -eu
umask 077
mkdir -p "$(dirname "$OUTPUT_kubeconfig")"
export KUBECONFIG="$OUTPUT_kubeconfig"
kubectl config set-cluster "$OUTPUT_context" --server="$OUTPUT_server"
kubectl config set-credentials "$OUTPUT_context" --token="$OUTPUT_token"
kubectl config set-context "$OUTPUT_context" --cluster="$OUTPUT_context" --user="$OUTPUT_context"
kubectl config use-context "$OUTPUT_context"
