package findings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"escape.build/escape/lang/diag"
)

// baselineVersion is the version of the file; it changes with the way fingerprints are made.
const baselineVersion = 1

// A Baseline is a set of findings that are accepted as they are. Errors are never accepted.
type Baseline struct {
	accepted map[string]string // the file, by fingerprint
}

type baselineJSON struct {
	Version  int            `json:"version"`
	Findings []acceptedJSON `json:"findings"`
}

// An acceptedJSON is one finding; all but its fingerprint is for people.
type acceptedJSON struct {
	Fingerprint string `json:"fingerprint"`
	Code        string `json:"code"`
	Name        string `json:"name"`
	File        string `json:"file"`
	Message     string `json:"message"`
}

// EncodeBaseline returns the text of a file that accepts the warnings and the advice of a list. path gives the path of a
// file by its name, as seen from the baseline.
func EncodeBaseline(list diag.List, path func(name string) string) (text string, accepted int) {
	out := baselineJSON{Version: baselineVersion, Findings: []acceptedJSON{}}
	for i, fingerprint := range Fingerprints(list, path) {
		d := &list[i]
		if d.Severity == diag.Error {
			continue
		}
		file := ""
		if d.File != nil {
			file = path(d.File.Name())
		}
		out.Findings = append(out.Findings, acceptedJSON{fingerprint, string(d.Code.Code), d.Code.Name, file, d.Message})
	}
	slices.SortStableFunc(out.Findings, func(a, b acceptedJSON) int { return strings.Compare(a.File, b.File) })
	var b bytes.Buffer
	encode(&b, "  ", out) // a buffer takes everything
	return b.String(), len(out.Findings)
}

// DecodeBaseline reads what EncodeBaseline wrote.
func DecodeBaseline(text []byte) (*Baseline, error) {
	var in baselineJSON
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("no baseline: %w", err)
	}
	if in.Version != baselineVersion {
		return nil, errors.New("a baseline of another version; write it again with --write-baseline")
	}
	b := &Baseline{accepted: map[string]string{}}
	for _, f := range in.Findings {
		b.accepted[f.Fingerprint] = f.File
	}
	return b, nil
}

// Filter returns the findings that are not accepted, and the files of those that are accepted and no longer there.
func (b *Baseline) Filter(list diag.List, path func(name string) string) (rest diag.List, gone []string) {
	there := map[string]bool{}
	for i, fingerprint := range Fingerprints(list, path) {
		if _, ok := b.accepted[fingerprint]; ok && list[i].Severity != diag.Error {
			there[fingerprint] = true
			continue
		}
		rest = append(rest, list[i])
	}
	for fingerprint, file := range b.accepted {
		if !there[fingerprint] {
			gone = append(gone, file)
		}
	}
	return rest, gone
}
