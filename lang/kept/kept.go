// Package kept holds what was worked out about the parts of a plan, so that it is there when the plan is analysed again after an
// edit. It knows nothing of plans.
package kept

import "sync"

// A Map holds values by all that they depend on. It is made for one analysis, and safe for concurrent use: what that asks for
// is there for the next one. What is not asked for is forgotten, but not at once: an analysis that knows most of a plan in
// another way asks for little, and the one behind it for all again. A nil Map holds nothing.
type Map[K comparable, V any] struct {
	mu            sync.Mutex
	values, older map[K]V
	read          bool // values are the older ones of another map, and must not change
}

// After returns a map for the analysis of a text that was analysed with m before it was edited; m may be nil. It holds no more
// than some analysis before it has asked for.
func (m *Map[K, V]) After() *Map[K, V] {
	if m == nil {
		return &Map[K, V]{values: map[K]V{}}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read = true
	next := &Map[K, V]{values: make(map[K]V, len(m.values)), older: m.values}
	if 2*len(m.values) < len(m.older) {
		next.older = m.older
	}
	return next
}

// Get returns the value of a key.
func (m *Map[K, V]) Get(key K) (v V, ok bool) {
	if m == nil {
		return v, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok = m.values[key]; ok {
		return v, true
	}
	if v, ok = m.older[key]; ok && !m.read {
		m.values[key] = v
	}
	return v, ok
}

// Put sets the value of a key. It has no effect once there is a map for the next analysis.
func (m *Map[K, V]) Put(key K, v V) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.read {
		m.values[key] = v
	}
}
