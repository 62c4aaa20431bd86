package diag

// Findings about the form of HCL.
var (
	UnsupportedExpression = add(Entry{Code: "ESC3030", Name: "unsupported-expression", Summary: "an expression of HCL says something that Escape Script cannot"})
	LiteralNeeded         = add(Entry{Code: "ESC3031", Name: "literal-needed", Summary: "an expression stands where only a text is read"})
	DollarText            = add(Entry{Code: "ESC3032", Name: "dollar-text", Severity: Warning, Summary: "a text of HCL reads like Escape Script, but is only text"})
	BlockForm             = add(Entry{Code: "ESC2070", Name: "block-form", Summary: "a block has a name or labels that its field does not have"})
)
