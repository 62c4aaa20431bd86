package yamlfile

import "escape.build/escape/lang/syntax"

// A slab hands out memory for values of one type from blocks of many. A block lives as long as one of its values does:
// the whole tree.
type slab[T any] struct {
	free []T
	size int // of the last block
}

const minBlock, maxBlock = 8, 256

func (s *slab[T]) grow(n int) {
	s.size = min(max(2*s.size, minBlock), maxBlock)
	s.free = make([]T, max(s.size, n))
}

// one returns a zero value.
func (s *slab[T]) one() *T {
	if len(s.free) == 0 {
		s.grow(1)
	}
	v := &s.free[0]
	s.free = s.free[1:]
	return v
}

// list returns a copy of values; appending to it moves it elsewhere.
func (s *slab[T]) list(values []T) []T {
	n := len(values)
	if n == 0 {
		return nil
	}
	if len(s.free) < n {
		if n >= maxBlock {
			return append([]T(nil), values...)
		}
		s.grow(n)
	}
	out := s.free[:n:n]
	s.free = s.free[n:]
	copy(out, values)
	return out
}

// scalar returns a new scalar.
func (p *parser) scalar() *syntax.Scalar {
	p.count()
	return p.scalars.one()
}

// empty returns the value that was left out at off.
func (p *parser) empty(off int) *syntax.Scalar {
	s := p.scalar()
	s.Pos, s.Content, s.Style, s.Kind = at(off, 0), int32(off), syntax.Empty, syntax.Null
	return s
}

// takeEntries returns the entries that were read since there were base of them.
func (p *parser) takeEntries(base int) []syntax.Entry {
	entries := p.entrySlab.list(p.entries[base:])
	p.entries = p.entries[:base]
	return entries
}

// takeItems returns the items that were read since there were base of them.
func (p *parser) takeItems(base int) []syntax.Item {
	items := p.itemSlab.list(p.items[base:])
	p.items = p.items[:base]
	return items
}
