#!/bin/sh
# Puts the credentials where consumers look for them; readable by nobody else.
set -eu
umask 077
mkdir -p "$(dirname "$OUTPUT_credentials_file")"
cat > "$OUTPUT_credentials_file" <<END
[default]
region = $OUTPUT_region
aws_access_key_id = ${OUTPUT_credentials%%:*}
aws_secret_access_key = ${OUTPUT_credentials#*:}
END
