# The storefront of the shop.
name        = "shop/storefront"
version     = "2.1.@"
description = <<-EOT
  Serves the shop.

  Second part.
EOT
license     = "MIT"
logo        = "logo.png"

metadata {
  team = "shop"
  docs = "https://docs.example/storefront"
}

extends "shop/service-v1.0" {}

depends "shop/base-v1.2.@" { as = "base" }
depends "shop/database-v3.4.5" {
  variable      = "db"
  mapping       = { size = this.inputs.db_size }
  build_mapping = { mode = "fast" }
  consumes      = { cloud = cloud.deployment }
}

consumes "cloud" {}
consumes "dns" {
  as     = "names"
  scopes = ["deploy"]
}

provides = ["storefront"]

input "zone" {}
input "db_size" {
  type    = integer
  default = 10
  items   = [10, 20, 50]
}
input "hosts" {
  type        = list(string)
  description = "Names under which the shop is found."
  default     = ["a.example", "b.example"] # both
}
input "password" {
  sensitive = true
  default   = "x${this.version}"
}
build_input "mode" {
  default = "fast"
}

output "url" {
  default = "https://${this.inputs.zone}"
}

includes  = ["README.md", "scripts"]
generates = ["out/*"]

template "templates/app.conf.tpl" {}
template "templates/app.conf.tpl" {
  target  = "conf/other.conf"
  mapping = { zone = this.inputs.zone }
}

download "https://downloads.example/tool.tgz" {
  dest     = "tools/tool.tgz"
  unpack   = true
  platform = "linux"
}

build = "scripts/build.sh"

test {
  inline = <<-EOT
    set -e
    echo "testing $${INPUT_zone}"
  EOT
}

deploy {
  script = "scripts/deploy.sh"
}

smoke {
  cmd = "curl"
  args = [
    "-f",
    this.outputs.url, // the address
  ]
}

errand "rotate" {
  description = "Rotates the keys."
  run         = "scripts/rotate.sh"

  input "age" {
    type    = integer
    default = 30
  }
}
/* The end. */
