package source

// A Change is what is different in an edited text: from Start on, the bytes up to OldEnd became those up to NewEnd. What
// stands before and behind is the same.
type Change struct{ Start, OldEnd, NewEnd int }

// Delta is how far what stands behind the change has moved.
func (c Change) Delta() int { return c.NewEnd - c.OldEnd }

// Compare returns the shortest change that makes after of before.
func Compare(before, after string) Change {
	n := min(len(before), len(after))
	start := same(n, func(i, size int) bool { return before[i:i+size] == after[i:i+size] })
	end := same(n-start, func(i, size int) bool {
		return before[len(before)-i-size:len(before)-i] == after[len(after)-i-size:len(after)-i]
	})
	return Change{Start: start, OldEnd: len(before) - end, NewEnd: len(after) - end}
}

// same returns how many bytes of n are equal; equal compares size of them from i on.
func same(n int, equal func(i, size int) bool) int {
	at := 0
	for size := 4096; size > 0; {
		if at+size <= n && equal(at, size) {
			at += size
		} else {
			size /= 2
		}
	}
	return at
}
