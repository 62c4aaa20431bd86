package plan

// Words of Terraform, whose users write them here too, and what to do instead.

// foreignBlocks are blocks.
var foreignBlocks = map[string]string{
	"locals":      "there are no local values: make it an input with a default and visible = false",
	"module":      "another package is a dependency: depends \"PROJECT/NAME-vVERSION\" { mapping = { ... } }",
	"resource":    ofTerraform,
	"data":        ofTerraform,
	"provider":    ofTerraform,
	"terraform":   ofTerraform,
	"moved":       ofTerraform,
	"import":      ofTerraform,
	"removed":     ofTerraform,
	"check":       ofTerraform,
	"lifecycle":   ofTerraform,
	"provisioner": "commands are run by steps: deploy { inline = ... }",
	"dynamic":     "write the blocks out",
	"validation":  "write the allowed values as items = [...]",
	"hook":        "commands are run by steps: pre_build, post_build, pre_deploy, post_deploy, pre_destroy, post_destroy",
}

const ofTerraform = "this belongs into a .tf file: list that in \"includes\" and let a step run terraform"

// foreignKeys are keys of blocks.
var foreignKeys = map[string]string{
	"count":      "write one block for each",
	"for_each":   "write one block for each",
	"depends_on": "dependencies are deployed in the order in which they are written",
	"providers":  "write consumes = { ALIAS = NAME.deployment }",
	"nullable":   "an input without a default has to be given; default = \"\" makes it optional",
	"ephemeral":  "write sensitive = true",
}

// foreignTypes are types of variables.
var foreignTypes = map[string]string{
	"map":      "give one input for each value, or a string that holds JSON",
	"object":   "give one input for each value, or a string that holds JSON",
	"any":      "leave the type out for text",
	"set":      "write list",
	"tuple":    "write list",
	"optional": "an input with a default is optional",
	"enum":     "write the allowed values as items = [...]",
}
