package lang

import (
	"fmt"
	"strings"

	"escape.build/escape/lang/diag"
)

// maxPerCode is how many findings of one code are told one by one: nobody reads more, and a program that reads them
// should not drown.
const maxPerCode = 100

// maxMessage is how many bytes a message has at most; those of the original quote whole expressions.
const maxMessage = 2000

func shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	const half = maxMessage / 2
	return strings.ToValidUTF8(s[:half], "") + " … " + strings.ToValidUTF8(s[len(s)-half:], "")
}

// Limit replaces what exceeds maxPerCode in a sorted list by one finding that counts the rest, and cuts messages nobody
// could read. The findings of Analyze are limited already.
func Limit(list diag.List) diag.List {
	for i := range list {
		list[i].Message, list[i].Original = shorten(list[i].Message), shorten(list[i].Original)
	}
	if len(list) <= maxPerCode {
		return list
	}
	count := map[*diag.Entry]int{}
	at := map[*diag.Entry]int{}
	out := list[:0:0]
	for _, d := range list {
		count[d.Code]++
		if count[d.Code] <= maxPerCode {
			out = append(out, d)
			continue
		}
		i, ok := at[d.Code]
		if !ok {
			i = len(out)
			at[d.Code] = i
			out = append(out, diag.New(d.Code, d.File, d.Span, ""))
			out[i].Severity = d.Severity
		}
		out[i].Message = fmt.Sprintf("%d more of this kind: %s", count[d.Code]-maxPerCode, d.Code.Summary)
	}
	return out
}
