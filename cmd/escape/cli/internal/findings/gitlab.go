package findings

import (
	"crypto/sha256"
	"encoding/hex"
	"io"

	"escape.build/escape/lang/diag"
)

type issueJSON struct {
	Description string       `json:"description"`
	CheckName   string       `json:"check_name"`
	Fingerprint string       `json:"fingerprint"`
	Severity    string       `json:"severity"`
	Categories  []string     `json:"categories"`
	Location    locationJSON `json:"location"`
}

type locationJSON struct {
	Path  string    `json:"path"`
	Lines linesJSON `json:"lines"`
}

type linesJSON struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// writeGitLab writes the code quality report that GitLab shows in merge requests.
func writeGitLab(w io.Writer, r *Report) error {
	list := []issueJSON{}
	for _, f := range r.Files {
		if f.Error != "" {
			path := r.pathOf(f.Name)
			sum := sha256.Sum256([]byte(unread + "\x00" + path))
			list = append(list, issueJSON{
				f.Error, unread, hex.EncodeToString(sum[:16]), "blocker", []string{gitlabCategory("")}, locationJSON{path, linesJSON{1, 1}},
			})
		}
	}
	prints := r.fingerprints()
	for i := range r.Findings {
		d := &r.Findings[i]
		start, end := at(d)
		list = append(list, issueJSON{
			Description: oneLine(d),
			CheckName:   d.Code.Name,
			Fingerprint: prints[i],
			Severity:    map[diag.Severity]string{diag.Error: "major", diag.Warning: "minor", diag.Advice: "info"}[d.Severity],
			Categories:  []string{gitlabCategory(category(d))},
			Location:    locationJSON{r.path(d.File), linesJSON{start.Line, end.Line}},
		})
	}
	return encode(w, " ", list)
}

func gitlabCategory(category string) string {
	switch category {
	case "security":
		return "Security"
	case "portability":
		return "Compatibility"
	case "style":
		return "Style"
	case "maintainability":
		return "Clarity"
	}
	return "Bug Risk"
}
