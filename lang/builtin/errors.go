package builtin

import "fmt"

// The texts of errors about arguments. Most functions of the original share the standard ones.

func (b *Builtin) shown() string {
	if b.Shown != "" {
		return b.Shown
	}
	return b.Name
}

func standardCount(b *Builtin, got int) string {
	return fmt.Sprintf("Expecting %d argument(s) in call to '%s', got %d", len(b.Params), b.shown(), got)
}

func sliceCount(_ *Builtin, got int) string {
	return fmt.Sprintf("Expecting at least 2 argument(s) (but not more than 3) in call to 'list slice', got %d", got)
}

// lambdaCount is for functions that are lambdas in the original.
func lambdaCount(b *Builtin, got int) string { return ArityText(len(b.Params), got) }

// ArityText is the message for a lambda applied to the wrong number of arguments.
func ArityText(want, got int) string {
	return fmt.Sprintf("Argument arity mismatch. Expecting %d arguments, got %d.", want, got)
}

func standardType(b *Builtin, i int, kinds []string) string {
	want := "list"
	switch b.Params[i].Type.String() {
	case "string":
		want = "string"
	case "integer":
		want = "integer"
	}
	return fmt.Sprintf("Expecting %s argument in call to %s, but got %s", want, b.shown(), kinds[i])
}

// typeIn returns the rule for texts that name the call in words of their own.
func typeIn(where string) func(*Builtin, int, []string) string {
	return func(b *Builtin, i int, kinds []string) string {
		want := b.Params[i].Type.String()
		if b.Params[i].Or != nil {
			want += " or " + b.Params[i].Or.String()
		}
		return fmt.Sprintf("Expecting %s argument in %s call, but got '%s'", want, where, kinds[i])
	}
}

// typePair is for functions that look at both arguments at once. Of a call that is not finished it says nothing.
func typePair(b *Builtin, _ int, kinds []string) string {
	if len(kinds) < 2 {
		return ""
	}
	return fmt.Sprintf("Expecting %s arguments in %s call, but got '%s' and '%s'", b.Params[0].Type, b.Name, kinds[0], kinds[1])
}

func typeConcat(_ *Builtin, i int, kinds []string) string {
	return "Can't concatenate value of type " + kinds[i]
}

// typeEncode: the original converts to a slice of bytes, and says so.
func typeEncode(b *Builtin, i int, kinds []string) string {
	if kinds[i] == "list" {
		return "Unsupported slice type in function " + b.shown()
	}
	return fmt.Sprintf("Expecting list argument in call to %s, but got %s", b.shown(), kinds[i])
}

// typeSplit: the track functions split their argument first.
func typeSplit(_ *Builtin, i int, kinds []string) string {
	return "Expecting string argument in call to strings.Split, but got " + kinds[i]
}
