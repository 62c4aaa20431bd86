#!/bin/sh
# Nobody keeps the key of the cluster.
set -eu
rm -f "$OUTPUT_kubeconfig"
