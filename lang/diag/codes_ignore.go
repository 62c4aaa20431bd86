package diag

// Findings about comments that silence findings: 63xx.
var (
	IgnoreReason  = add(Entry{Code: "ESC6301", Name: "ignore-without-reason", Severity: Advice, Summary: "a comment silences a rule and does not say why"})
	UnusedIgnore  = add(Entry{Code: "ESC6302", Name: "unused-ignore", Severity: Warning, Summary: "a comment silences a rule that finds nothing there"})
	UnknownIgnore = add(Entry{Code: "ESC6303", Name: "unknown-ignore", Severity: Warning, Summary: "a comment silences a rule that does not exist"})
	IgnoredError  = add(Entry{Code: "ESC6304", Name: "ignored-error", Severity: Warning, Summary: "a comment would silence an error, which cannot be"})
	BadIgnore     = add(Entry{Code: "ESC6305", Name: "bad-ignore", Severity: Warning, Summary: "a comment that silences rules names none, or its region has no start or end"})
)
