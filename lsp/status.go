package lsp

import (
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"escape.build/escape/lsp/internal/cache"
)

// A status is what the server knows, for people who wonder.
type status struct {
	Version    string            `json:"version"`
	Folders    []string          `json:"folders"`
	Workspaces []workspaceStatus `json:"workspaces"`
	// Watches says how the server learns of files that change outside the editor, and Asked whether the client asks for findings.
	Watches  bool            `json:"watches"`
	Asked    bool            `json:"asked"`
	Document *documentStatus `json:"document,omitempty"`
}

// A workspaceStatus is one about the plans that know each other.
type workspaceStatus struct {
	Root  string `json:"root"`
	Ready bool   `json:"ready"` // all plans were looked for
	Plans int    `json:"plans"` // 0 if it is not ready
}

// A documentStatus is one about a document.
type documentStatus struct {
	URI      string `json:"uri"`
	Kind     string `json:"kind"`
	Language string `json:"language"`
	Version  int32  `json:"version"`
	// Plans are the files of the plans that use a script or template.
	Plans []string `json:"plans,omitempty"`
	// Findings counts those of a plan, in all its files.
	Findings int `json:"findings"`
	// Unknown are the values of a plan of which nothing is known, and why.
	Unknown []unknownValue `json:"unknown,omitempty"`
	// Config is what is wrong with the configuration of the linter; "" if nothing is.
	Config string `json:"config,omitempty"`
}

type unknownValue struct {
	Name string `json:"name"`
	Why  string `json:"why"`
}

var kindNames = map[cache.Kind]string{cache.Other: "other", cache.Plan: "plan", cache.Config: "configuration of the linter"}

// status returns what the server knows, and of a document if there is one.
func (s *server) status(snap *cache.Snapshot, uri string) status {
	out := status{
		Version: s.options.Version, Folders: slices.Clone(snap.Folders()),
		Watches: s.can.Workspace.DidChangeWatchedFiles.DynamicRegistration, Asked: s.can.pulls,
	}
	for _, w := range snap.Workspaces() {
		x := workspaceStatus{Root: w.Root(), Ready: w.Loaded()}
		if x.Ready {
			x.Plans = len(w.Files())
		}
		out.Workspaces = append(out.Workspaces, x)
	}
	d := snap.Document(uri)
	if d == nil {
		d = snap.File(pathOf(uri))
	}
	if d != nil {
		out.Document = s.documentStatus(snap, d)
	}
	return out
}

func (s *server) documentStatus(snap *cache.Snapshot, d *cache.Document) *documentStatus {
	out := &documentStatus{URI: d.Written, Kind: kindNames[d.Kind], Language: d.Language, Version: d.Version}
	switch d.Kind {
	case cache.Plan:
		an := snap.Analyze(d)
		out.Findings, out.Unknown = len(an.Shown), unknownValues(an)
		if an.ConfigErr != nil {
			out.Config = an.ConfigErr.Error()
		}
	case cache.Other:
		for _, an := range snap.Users(d.Path) {
			out.Plans = append(out.Plans, an.Doc.Path)
		}
	}
	return out
}

// unknownValues returns the packages that a plan needs and of which nothing is known.
func unknownValues(an *cache.Analyzed) []unknownValue {
	why := "no plan of the workspace makes it, and no release of it is at hand"
	switch {
	case an.Doc.Path == "":
		why = "the document is no file, so it has no neighbours"
	case an.Alone():
		why = "the plans of the workspace are still being looked for"
	}
	var list []unknownValue
	for _, n := range an.Plan.Needs() {
		if an.Deps[n.Alias] == nil && n.Alias != "" {
			list = append(list, unknownValue{"$" + n.Alias, why})
		}
	}
	return list
}

// report returns the text of a report of a bug: the machine, what is known, and the last messages, but nothing of what
// documents and settings say.
func (s *server) report() string {
	var b strings.Builder
	snap := s.session.Snapshot()
	fmt.Fprintf(&b, "escape %s, %s %s/%s, %d processors\n", s.options.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, x := range info.Settings {
			if x.Key == "vcs.revision" {
				fmt.Fprintln(&b, "revision", x.Value)
			}
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Fprintf(&b, "memory %d KiB, %d goroutines\n", m.HeapAlloc>>10, runtime.NumGoroutine())
	fmt.Fprintf(&b, "utf-8 %v, asks for findings %v, watches files %v\n", s.can.utf8, s.can.pulls, s.can.Workspace.DidChangeWatchedFiles.DynamicRegistration)
	hide := s.hider(snap)
	fmt.Fprintf(&b, "\n%d folders, snapshot %d\n", len(snap.Folders()), snap.ID)
	for _, w := range snap.Workspaces() {
		fmt.Fprintf(&b, "workspace %s, ready %v\n", hide(w.Root()), w.Loaded())
	}
	for _, line := range s.publisher.known() {
		fmt.Fprintln(&b, hide(line))
	}
	list, total := s.record.messages()
	fmt.Fprintf(&b, "\nthe last %d of %d messages\n", len(list), total)
	for _, x := range list {
		fmt.Fprintln(&b, x)
	}
	return b.String()
}

// String returns one line.
func (m message) String() string {
	way := "<-"
	if m.sent {
		way = "->"
	}
	s := fmt.Sprintf("%s %s %s", m.at.Format("15:04:05.000"), way, redacted(m.what))
	if m.id != "" {
		s += " " + redacted(m.id)
	}
	s += fmt.Sprintf(", %d bytes", m.bytes)
	if m.took > 0 {
		s += fmt.Sprintf(", %v", m.took.Round(10*time.Microsecond))
	}
	if m.failed != 0 {
		s += fmt.Sprintf(", error %d", m.failed)
	}
	return s
}

// redacted returns a method or id if it looks like one: a client may put anything there.
func redacted(s string) string {
	if harmless().MatchString(s) {
		return s
	}
	return "(hidden)"
}

var harmless = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[-\w$#/" ]*$`) })

// hider returns a function that shortens paths: those in folders of the editor are relative to them, others lose all but their
// last element.
func (s *server) hider(snap *cache.Snapshot) func(string) string {
	return func(text string) string {
		for i, f := range snap.Folders() {
			for _, prefix := range []string{cache.FileURI(f), f} {
				if rest, ok := strings.CutPrefix(text, prefix); ok && (rest == "" || rest[0] == '/' || rest[0] == filepath.Separator || rest[0] == ':') {
					return fmt.Sprintf("folder %d%s", i+1, rest)
				}
			}
		}
		if i := strings.LastIndexAny(text, `/\`); i >= 0 {
			return "elsewhere" + text[i:]
		}
		return text
	}
}
