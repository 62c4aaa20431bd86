package cache

// Ready returns what Analyze would return, if that is known; nil if it has to be found out, or somebody else does so now.
func (s *Snapshot) Ready(d *Document) *Analyzed {
	if d == nil || d.Kind != Plan {
		return nil
	}
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	default:
		return nil
	}
	if d.plan == nil || !s.holds(d.plan) {
		return nil
	}
	return d.plan
}
