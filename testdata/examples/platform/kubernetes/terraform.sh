# Read by deploy.sh and destroy.sh: terraform with the inputs as variables and with the credentials of the account.
export TF_VAR_cluster="$INPUT_cluster" TF_VAR_region="$INPUT_region" TF_VAR_nodes="$INPUT_nodes"
export AWS_SHARED_CREDENTIALS_FILE="$INPUT_credentials_file"
export TF_IN_AUTOMATION=1 TF_INPUT=0
terraform init -no-color -backend-config=path="$INPUT_terraform_state/$INPUT_cluster.tfstate"
