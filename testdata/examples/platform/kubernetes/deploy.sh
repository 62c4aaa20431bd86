#!/bin/sh
# Makes the cluster and passes on what terraform says about it.
set -eu
. ./terraform.sh
test -s "$AWS_SHARED_CREDENTIALS_FILE" # put there by the provider
terraform apply -no-color -auto-approve
server=$(terraform output -raw server)
token=$(terraform output -raw token)
cat > "$1" <<END
{
  "kubeconfig": "$HOME/.kube/$INPUT_cluster",
  "server": "$server",
  "token": "$token"
}
END
