package lang

import (
	"fmt"

	"escape.build/escape/lang/diag"
)

// maxPerCode is how many findings of one code are told one by one: nobody reads more, and a program that reads them
// should not drown.
const maxPerCode = 100

// Limit replaces what exceeds maxPerCode in a sorted list by one finding that counts the rest, and cuts messages nobody
// could read. The findings of Analyze are limited already.
func Limit(list diag.List) diag.List {
	for i := range list {
		list[i].Message, list[i].Original = diag.Shorten(list[i].Message), diag.Shorten(list[i].Original)
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
