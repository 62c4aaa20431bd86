// Package grammars writes what editors colour and complete plans with when they do not ask the language server: TextMate
// grammars, a Sublime syntax, word lists for Vim, Emacs and Kate, and snippets. All words come from the tables of the language, so
// a field, key, function or type is known here as soon as it has a row there.
//
// A grammar sees one line after the other and knows no meaning: it takes a scalar that begins like an expression for one,
// wherever it stands, except in the text of a shell. The semantic tokens of the server correct that.
//
// Read words.go for what the tables say, script.go for Escape Script, yaml.go and hcl.go for plans, inject.go for grammars that
// work inside others, then the file of an editor. cmd/internal/gen writes the files.
package grammars

// A File is a generated file and what makes its text.
type File struct {
	Path string // below the root of the module
	Text func() string
}

// folder is where everything is that more than one editor uses.
const folder = "editors/grammars/"

// Files are all files of this package, each with the same text on every call.
func Files() []File {
	return []File{
		{folder + "languages.json", languages},
		{folder + "package.json", bundle},
		{folder + "escape-plan.tmLanguage.json", planYAML},
		{folder + "escape-plan-hcl.tmLanguage.json", planHCL},
		{folder + "escape-script.tmLanguage.json", script},
		{folder + "escape-script-injection.tmLanguage.json", injection},
		{folder + "escape-markdown-injection.tmLanguage.json", markdown},
		{folder + "snippets-escape-plan.json", snippetsYAML},
		{folder + "snippets-escape-plan-hcl.json", snippetsHCL},
		{"editors/sublime/EscapePlan.sublime-syntax", sublimeYAML},
		{"editors/sublime/EscapePlanHCL.sublime-syntax", sublimeHCL},
		{"editors/vim/autoload/escape/words.vim", vim},
		{"editors/emacs/escape-words.el", emacs},
		{"editors/kate/escape-plan.xml", kateYAML},
		{"editors/kate/escape-plan-hcl.xml", kateHCL},
	}
}

// generated is what every file says of itself.
const generated = "Code generated from the tables of the language by cmd/internal/gen. DO NOT EDIT."
