package diag

// Findings in scripts: 62xx.
var (
	// What the checker finds.
	ScriptStage      = add(Entry{Code: "ESC6201", Name: "script-stage", Severity: Warning, Summary: "a script reads a variable in a stage that does not have it"})
	ScriptTooEarly   = add(Entry{Code: "ESC6202", Name: "output-too-early", Severity: Warning, Summary: "a script reads an output before there are any"})
	OutputNotRead    = add(Entry{Code: "ESC6203", Name: "output-not-read", Severity: Warning, Summary: "a script writes an output that is lost"})
	OutputNotWritten = add(Entry{Code: "ESC6204", Name: "output-not-written", Severity: Warning, Summary: "no script writes an output that has no default"})
	InlineArgument   = add(Entry{Code: "ESC6205", Name: "inline-argument", Severity: Warning, Summary: "a script in the plan writes outputs to an argument that it does not get"})
	PartialMissing   = add(Entry{Code: "ESC6207", Name: "partial-missing", Severity: Warning, Summary: "a template takes in a partial that is not there"})
	ScriptSyntax     = add(Entry{Code: "ESC6206", Name: "script-syntax", Severity: Warning, Summary: "a shell script cannot be parsed"})
)
