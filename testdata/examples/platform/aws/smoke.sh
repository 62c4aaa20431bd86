#!/bin/sh
# The credentials have to belong to the account.
set -eu
export AWS_ACCESS_KEY_ID="$INPUT_access_key_id" AWS_SECRET_ACCESS_KEY="$INPUT_secret_access_key"
account=$(aws sts get-caller-identity --query Account --output text)
if [ "$account" != "$OUTPUT_account" ]; then
	echo "these are credentials of the account $account" >&2
	exit 1
fi
