package grammars

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/builtin"
	"escape.build/escape/lang/plan"
	"escape.build/escape/lang/types"
)

// A wordList is what word lists of editors have in common: a name and its words.
type wordList struct {
	name, doc string
	words     []string
}

func wordLists() []wordList {
	return []wordList{
		{"fields", "the fields of a plan", plan.FieldNames()},
		{"blocks", "the blocks of a plan in HCL", blocks()},
		{"keys", "the keys of entries, and of blocks", append(keys(), alias)},
		{"functions", "the functions of Escape Script", builtin.Names()},
		{"types", "the types of variables", types.KnownVars()},
		{"stages", "the stages", stages()},
		{"shell_keys", "the keys whose text is a shell script", shellKeys()},
	}
}

// vim is the word lists as functions of Vim.
func vim() string {
	var out strings.Builder
	out.WriteString("\" " + generated + "\n")
	for _, l := range wordLists() {
		fmt.Fprintf(&out, "\n\" Returns %s.\nfunction! escape#words#%s() abort\n  return split('%s')\nendfunction\n", l.doc, l.name, strings.Join(l.words, " "))
	}
	return out.String()
}

// emacs is the word lists as constants of Emacs Lisp.
func emacs() string {
	var out strings.Builder
	out.WriteString(";;; escape-words.el --- Words of Escape plans -*- lexical-binding: t -*-\n\n;;; Commentary:\n\n;; " + generated + "\n\n;;; Code:\n")
	for _, l := range wordLists() {
		fmt.Fprintf(&out, "\n(defconst escape-words-%s\n  '(\"%s\")\n  \"List of %s.\")\n", strings.ReplaceAll(l.name, "_", "-"), strings.Join(l.words, "\"\n    \""), l.doc)
	}
	out.WriteString("\n(provide 'escape-words)\n\n;;; escape-words.el ends here\n")
	return out.String()
}
