package diag

// Findings about expressions, their types and the types of variables: 3xxx.
var (
	// Reading an expression.
	ExprSyntax   = add(Entry{Code: "ESC3001", Name: "expression-syntax", Summary: "an expression holds something that Escape Script does not know"})
	ExprTrailing = add(Entry{Code: "ESC3013", Name: "text-after-expression", Summary: "more text follows a complete expression"})
	ExprUnclosed = add(Entry{Code: "ESC3014", Name: "unclosed-expression", Summary: "a bracket, brace or string in an expression is not closed"})
	ExprEscape   = add(Entry{Code: "ESC3015", Name: "string-escape", Summary: "a string in an expression has an unknown escape"})
	ExprInteger  = add(Entry{Code: "ESC3016", Name: "bad-integer", Summary: "a number in an expression is no 64-bit integer"})
	ExprName     = add(Entry{Code: "ESC3017", Name: "missing-name", Summary: "a name is missing after a dollar sign or a dot"})
	ExprCut      = add(Entry{Code: "ESC3019", Name: "expression-cut", Summary: "an expression without quotes is cut by a comma, a colon or a comment"})
	ExprTooDeep  = add(Entry{Code: "ESC3018", Name: "expression-too-deep", Summary: "an expression is nested too deeply or too long"})

	// Names and types in an expression.
	UnknownKey      = add(Entry{Code: "ESC3002", Name: "unknown-key", Summary: "an object has no such key"})
	UnknownName     = add(Entry{Code: "ESC3003", Name: "unknown-name", Summary: "an expression uses a name that is not known"})
	UnknownFunction = add(Entry{Code: "ESC3004", Name: "unknown-function", Summary: "there is no such function or method"})
	NotAvailable    = add(Entry{Code: "ESC3005", Name: "not-available-here", Summary: "a name or key exists, but not at this place or moment"})
	ArgumentCount   = add(Entry{Code: "ESC3006", Name: "argument-count", Summary: "a function is called with too few or too many arguments"})
	ArgumentType    = add(Entry{Code: "ESC3007", Name: "argument-type", Summary: "an argument has the wrong type"})
	NoKeys          = add(Entry{Code: "ESC3008", Name: "no-keys", Summary: "a key is selected on a value that has none"})
	IndexRange      = add(Entry{Code: "ESC3009", Name: "index-out-of-range", Summary: "an index or a slice lies outside its list"})
	ArgumentValue   = add(Entry{Code: "ESC3010", Name: "argument-value", Summary: "an argument can never be accepted by the function"})
	ResultType      = add(Entry{Code: "ESC3011", Name: "result-type", Summary: "an expression gives a kind of value that cannot be used at its place"})
	ExprFailed      = add(Entry{Code: "ESC3012", Name: "expression-failed", Summary: "an expression failed while it was evaluated"})

	// Types of variables and their values.
	UnknownType   = add(Entry{Code: "ESC3020", Name: "unknown-variable-type", Summary: "a variable has an unknown type"})
	TypeOptions   = add(Entry{Code: "ESC3021", Name: "variable-type-options", Summary: "the options of a variable's type are wrong"})
	ValueType     = add(Entry{Code: "ESC3022", Name: "value-type", Summary: "a value does not fit the type of its variable"})
	ValueItems    = add(Entry{Code: "ESC3023", Name: "value-not-allowed", Summary: "a value is none of the items its variable allows"})
	ListAsText    = add(Entry{Code: "ESC3024", Name: "list-as-text", Severity: Warning, Summary: "a list is used where text is expected and becomes JSON"})
	TextReference = add(Entry{Code: "ESC3026", Name: "text-reference", Severity: Warning, Summary: "a text holds a reference, but is only text"})
	ItemsInvalid  = add(Entry{Code: "ESC3025", Name: "items-type", Summary: "the items of a variable are no list of values of its type"})
)
