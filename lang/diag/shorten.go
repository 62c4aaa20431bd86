package diag

import "strings"

// maxMessage is how many bytes a message has at most; those of the original quote whole expressions.
const maxMessage = 2000

// Shorten takes out the middle of a text that is too long for a message.
func Shorten(s string) string {
	if len(s) <= maxMessage {
		return s
	}
	const half = maxMessage / 2
	return strings.ToValidUTF8(s[:half], "") + " … " + strings.ToValidUTF8(s[len(s)-half:], "")
}
