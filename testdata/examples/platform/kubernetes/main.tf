# The cluster. A real one is an aws_eks_cluster and some dozens of lines; terraform_data is built into terraform and exists
# in its state only.
terraform {
  backend "local" {}
}

variable "cluster" {
  type = string
}

variable "region" {
  type = string
}

variable "nodes" {
  type = number
}

resource "terraform_data" "cluster" {
  input = {
    name   = var.cluster
    region = var.region
    nodes  = var.nodes
  }
}

output "server" {
  value = "https://${terraform_data.cluster.output.name}.${terraform_data.cluster.output.region}.example.com:6443"
}

output "token" {
  value     = sha256(terraform_data.cluster.id)
  sensitive = true
}
