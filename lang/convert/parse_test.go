package convert_test

import (
	"escape.build/escape/lang/diag"
	"escape.build/escape/lang/hclfile"
	"escape.build/escape/lang/source"
	"escape.build/escape/lang/syntax"
	"escape.build/escape/lang/yamlfile"
)

func parse(name, text string) (*syntax.File, diag.List) {
	if syntax.NotationOf(name) == syntax.HCL {
		return hclfile.Parse(source.NewFile(name, text))
	}
	return yamlfile.Parse(source.NewFile(name, text))
}
