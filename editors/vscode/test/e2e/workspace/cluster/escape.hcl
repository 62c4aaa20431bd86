name        = "shop/cluster"
version     = "0.3.@"
description = "Machines to run things on."
license     = "Apache-2.0"

input "machines" {
  type    = "integer"
  default = 3
}

output "host" {
  description = "Name of the first machine."
  default     = "cluster.example.com"
}

output "size" {
  default = this.inputs.machnes
}

deploy {
  inline = "echo deploying"
}
