package lang_test

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// found lists what can be found in a plan before anything runs, row by row of the specification's table, and where it is
// shown: "archive/case CODE ...". An archive lies in testdata/plans.
var found = []struct{ construct, mistake, where string }{
	{"any field", "wrong shape", "static_shapes/text_where_a_list_is ESC2004, static_shapes/list_where_text_is ESC2004, static_shapes/entries ESC2004"},
	{"any expression", "syntax error", "static_expressions/syntax_everywhere ESC3017 ESC3014 ESC3015 ESC3001"},
	{"any expression", "text behind it, line break of a block", "static_expressions/trailing ESC3013"},
	{"any expression", "unknown function", "static_expressions/functions ESC3004"},
	{"any expression", "number and types of arguments", "static_expressions/arguments ESC3006 ESC3007"},
	{"any expression", "selection on what has no keys", "static_expressions/select ESC3008 ESC3007"},
	{"any expression", "unknown alias", "static_expressions/names ESC3003, static_expressions/no_alias ESC3003"},
	{"any expression", "alias out of scope", "static_expressions/names ESC3005"},
	{"any expression", "unknown key of a context object", "static_expressions/keys ESC3002 ESC3005"},
	{"any expression", "input or output that is not declared", "static_expressions/keys ESC3002 ESC3005, static_providers/outputs ESC4111"},
	{"any expression", "input or output that is not there yet", "static_expressions/moments ESC3005, static_variables/too_early ESC3005, static_steps/errands ESC3005"},
	{"any expression", "cycle of inputs", "static_expressions/cycle ESC2021"},
	{"any expression", "constant index or slice", "static_expressions/constants ESC3009, static_identity/version_with_too_few_parts ESC3009"},
	{"any expression", "file that is not there", "static_expressions/constants ESC6028"},
	{"any expression", "base64, too few parts of a version", "static_expressions/constants ESC3010, static_identity/version_with_too_few_parts ESC3010"},
	{"any expression", "arity of a lambda, lambda or map as result", "static_expressions/results ESC3006 ESC3011"},
	{"version", "no text, no version", "static_identity/version_shape ESC2004, static_identity/version_invalid ESC4103, static_identity/version_from_a_word ESC4103, static_expressions/results ESC3011"},
	{"version", "latest", "static_identity/version_latest ESC4104, static_identity/version_constant ESC4104"},
	{"name", "invalid, reserved, missing", "static_identity/name_invalid ESC2007, static_identity/name_reserved ESC2008, static_identity/project_reserved ESC2008, static_identity/name_shape ESC2004, static_identity/name_missing ESC2006"},
	{"metadata", "value is no text", "static_identity/metadata_shape ESC2004, static_identity/metadata_list ESC2004, static_expressions/results ESC3011"},
	{"keys", "unknown key of the plan or an entry", "static_identity/unknown_fields ESC2001 ESC2002"},
	{"variable", "id is no identifier, reserved, missing", "static_variables/ids ESC2010 ESC2011 ESC2005"},
	{"variable", "YAML boolean or number as id", "static_variables/ids ESC6007 ESC2010"},
	{"variable", "duplicate id", "static_variables/duplicates ESC2015"},
	{"variable", "other type than in an extension", "static_variables/extension_types ESC6032"},
	{"variable", "unknown type, malformed options", "static_variables/types ESC3020 ESC3021, variables_values/options ESC3021"},
	{"variable", "options without meaning", "static_variables/types ESC6022 ESC6015 ESC3021"},
	{"variable", "type client", "static_variables/types ESC2022"},
	{"variable", "scopes", "static_variables/scopes ESC2014 ESC6015"},
	{"variable", "default does not fit", "static_variables/defaults ESC3022 ESC2016 ESC3024"},
	{"variable", "default is none of the items, items of wrong type", "static_variables/items ESC3023 ESC3025"},
	{"variable", "items malformed", "static_variables/items ESC3025 ESC3011, static_variables/elements ESC3025 ESC3022"},
	{"variable", "magic type with default or items", "static_variables/items ESC6006"},
	{"variable", "number that loses digits", "static_variables/defaults ESC6005"},
	{"outputs", "output that no script can set", "static_variables/unset_outputs ESC6008"},
	{"dependency", "malformed entry, id, alias, scopes", "static_dependencies/malformed ESC4101 ESC4102 ESC2010 ESC2011 ESC2005 ESC2004 ESC2014"},
	{"dependency", "duplicate or reserved alias", "static_dependencies/aliases ESC2023 ESC2024, static_dependencies/deployment_names ESC2025, static_dependencies/twice ESC2023"},
	{"dependency", "mapping key that is unknown", "static_dependencies/mapping ESC4105"},
	{"dependency", "mapping value of wrong type, not in items", "static_dependencies/mapping ESC3022 ESC3023, static_dependencies/mapping_shapes ESC2004 ESC2016, static_dependencies/required_other_type ESC3022 ESC3023"},
	{"dependency", "required input that does not reach it", "static_dependencies/required ESC4106"},
	{"dependency", "mapping conflict", "static_dependencies/conflict ESC6016"},
	{"dependency", "consumes key that is unknown", "static_dependencies/consumes ESC4105"},
	{"dependency", "consumes value of wrong type or interface", "static_dependencies/consumes ESC3011 ESC4108 ESC3005"},
	{"dependency", "older release of itself", "static_dependencies/itself ESC4107, static_consumers/extends_itself ESC4107, depends_circle ESC4109 ESC4107"},
	{"consumer", "malformed entry, alias, flags, scopes", "static_consumers/malformed ESC2020 ESC2010 ESC2011 ESC2005 ESC2004 ESC2014, static_consumers/aliases ESC2023 ESC6020 ESC2024"},
	{"consumer", "never used", "static_consumers/unused ESC6004"},
	{"provider", "duplicate, empty or odd name", "static_consumers/providers ESC6017"},
	{"extension", "malformed", "static_consumers/extends_malformed ESC4101 ESC4102 ESC2004 ESC2024"},
	{"extension", "overridden fields, doubled dependencies", "static_consumers/extends_overrides ESC6030 ESC6031"},
	{"stage", "wrong types, several of cmd, inline and script", "static_steps/forms ESC2004 ESC2030"},
	{"stage", "runs nothing", "static_steps/forms ESC6002"},
	{"stage", "script file missing", "static_steps/files ESC6001 ESC4005"},
	{"stage", "expression among the arguments of a script", "static_steps/expressions ESC6024"},
	{"stage", "expression split at blanks", "static_steps/expressions ESC2033"},
	{"stage", "expression is no text", "static_steps/expressions ESC3011"},
	{"errand", "malformed, run missing, file missing", "static_steps/errands ESC2004 ESC2005 ESC4005"},
	{"errand", "several commands, run and script", "static_steps/errands ESC2030 ESC6018"},
	{"errand", "input defaults", "static_steps/errands ESC3002 ESC3022 ESC3023 ESC3025 ESC2016 ESC3020 ESC2015, static_expressions/syntax_everywhere ESC3017"},
	{"errand", "input id of the deployment", "static_steps/errands ESC6009"},
	{"template", "malformed entry, scopes", "static_templates/forms ESC2004 ESC2005 ESC2014 ESC6015"},
	{"template", "file missing, target", "static_templates/files ESC6014 ESC2050 ESC6019"},
	{"template", "mapping expression", "static_templates/mapping ESC3002 ESC3017"},
	{"template", "input that is not mapped in all stages", "static_templates/mapping ESC2052"},
	{"template", "syntax, unknown tags, tags in sections", "static_templates/mapping ESC2053 ESC2052, templates_text ESC6026"},
	{"template", "mapping that is not used", "static_templates/mapping ESC6027"},
	{"template", "same target", "static_templates/targets ESC2051"},
	{"download", "url, dest", "static_templates/downloads ESC2005 ESC2060 ESC2004"},
	{"download", "scheme", "static_templates/downloads ESC2060"},
	{"download", "archive", "static_templates/downloads ESC2061"},
	{"download", "platform, arch, scope, pattern", "static_templates/downloads ESC6011 ESC2014 ESC6012"},
	{"download", "same dest", "static_templates/downloads ESC6013"},
}

func TestFound(t *testing.T) {
	sections := map[string]string{}
	for _, row := range found {
		for _, place := range strings.Split(row.where, ", ") {
			words := strings.Fields(place)
			archive, name, _ := strings.Cut(words[0], "/")
			if _, ok := sections[archive]; !ok {
				sections[archive] = checkSection(t, archive)
			}
			section := sections[archive]
			if name != "" {
				_, rest, ok := strings.Cut("\n"+section, "\n# "+name+"\n")
				if !ok {
					t.Errorf("%s has no case %s", archive, name)
				}
				section, _, _ = strings.Cut(rest, "\n# ")
			}
			for _, code := range words[1:] {
				if !strings.Contains(section, "["+code+"]") {
					t.Errorf("%s, %s: %s does not show %s", row.construct, row.mistake, words[0], code)
				}
			}
		}
	}
}

func checkSection(t *testing.T, archive string) string {
	a, err := txtar.ParseFile("../testdata/plans/" + archive + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		if f.Name == "out/check" {
			return string(f.Data)
		}
	}
	return ""
}
