package cache

// maxPrompt is how long a text may be whose analysis does not keep anybody waiting.
const maxPrompt = 16 << 10

// Latest returns what is known of a plan for those who must not wait: of its text if that is short or known already, else of
// an older text, if there is one. It is nil if the document is no plan.
func (s *Snapshot) Latest(d *Document) *Analyzed {
	if d == nil || d.Kind != Plan {
		return nil
	}
	if last := d.last.Load(); last != nil && len(d.Source.Text()) > maxPrompt {
		return last
	}
	return s.Analyze(d)
}
