package diag

import "strings"

// Nearest returns the candidate most like word, for "did you mean". It gives up (false) when nothing is close: more
// than one letter and than a third of the letters would have to change, or half of them to be left out or added.
func Nearest(word string, candidates []string) (string, bool) {
	best, bestDist := "", len(word)/3+2
	few := max(1, (len(word)+1)/3)
	for _, c := range candidates {
		if c == word {
			continue
		}
		d := distance(strings.ToLower(word), strings.ToLower(c), bestDist)
		if d < bestDist && (d <= few || d == abs(len(word)-len(c))) && 2*d <= max(len(word), len(c)) {
			best, bestDist = c, d
		}
	}
	return best, best != ""
}

// distance is the Damerau-Levenshtein distance (optimal string alignment) of a and b, or limit if it is not smaller.
func distance(a, b string, limit int) int {
	ra, rb := []rune(a), []rune(b)
	if abs(len(ra)-len(rb)) >= limit {
		return limit
	}
	prev2, prev, cur := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(ra); i++ {
		cur[0] = i
		for j := 1; j <= len(rb); j++ {
			cost := 1
			if ra[i-1] == rb[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && ra[i-1] == rb[j-2] && ra[i-2] == rb[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return min(prev[len(rb)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
