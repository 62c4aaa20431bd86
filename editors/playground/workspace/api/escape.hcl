# The API of the shop. It needs a database and does not care whose.
name        = "demo/api"
version     = "1.0.@"
description = "The API of the shop."
license     = "Apache-2.0"

deploy_consumes "postgres" {}

deploy_input "port" {
  type        = integer
  description = "Where the API listens."
  default     = 8080
}

deploy_input "database_url" {
  description = "Database of the shop."
  default     = postgres.outputs.url
  sensitive   = true
}

deploy_output "url" {
  description = "Where the API answers."
  default     = "http://localhost:${this.inputs.port}/"
}

# Rendered to api.conf before the deploy step. Inputs need no mapping.
deploy_templates = ["api.conf.tpl"]

deploy = "deploy.sh"

destroy {
  cmd  = "docker"
  args = ["rm", "--force", "shop-api"]
}
