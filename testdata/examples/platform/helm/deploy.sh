#!/bin/sh
# Makes the namespace if it is not there.
set -eu
export KUBECONFIG="$INPUT_kubeconfig"
kubectl get namespace "$INPUT_namespace" || kubectl create namespace "$INPUT_namespace"
