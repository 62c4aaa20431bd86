package cache

import "escape.build/escape/lang/source"

// Try returns what would be known of a plan if it had another text. The session does not learn of it.
func (s *Snapshot) Try(d *Document, text string) *Analyzed {
	return s.Analyze(d.with(d.Version, source.NewFile(d.Source.Name(), text)))
}
