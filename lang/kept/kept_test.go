package kept_test

import (
	"testing"

	"escape.build/escape/lang/kept"
)

// TestMap: values are there for the next analysis if they were asked for, and for a while if nearly nothing was asked for.
func TestMap(t *testing.T) {
	var none *kept.Map[int, string]
	first := none.After()
	for i := range 100 {
		first.Put(i, "x")
	}
	has := func(m *kept.Map[int, string], key int) bool {
		_, ok := m.Get(key)
		return ok
	}
	second := first.After()
	for i := range 60 {
		if !has(second, i) {
			t.Fatalf("%d is forgotten at once", i)
		}
	}
	third := second.After()
	if !has(third, 59) || has(third, 60) {
		t.Error("what was not asked for is not forgotten, or what was is")
	}
	fourth := third.After()
	if !has(fourth, 0) {
		t.Error("an analysis that asked for one value made all others forgotten")
	}
	if first.Put(200, "x"); has(first, 200) || !has(first, 1) {
		t.Error("a map changes that others depend on, or holds nothing any more")
	}
	if has(none, 1) {
		t.Error("a map that is nil holds something")
	}
	none.Put(1, "x")
}
