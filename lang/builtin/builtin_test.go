package builtin

import (
	"slices"
	"strings"
	"testing"

	"escape.build/escape/lang/types"
)

func TestTable(t *testing.T) {
	if !slices.IsSorted(Names()) || len(Names()) != len(Table()) {
		t.Errorf("names %v", Names())
	}
	for _, b := range Table() {
		if got, ok := Lookup(b.Name); !ok || got != b {
			t.Errorf("Lookup(%q) = %v", b.Name, got)
		}
		if b.impl == nil || b.countError == nil || b.typeError == nil {
			t.Errorf("%s is not complete", b.Name)
		}
		if b.Result.IsAny() && b.ResultOf == nil && b.Name != "env_lookup" {
			t.Errorf("%s has no result", b.Name)
		}
		if !strings.HasSuffix(b.Doc, ".") {
			t.Errorf("%s: documentation %q is no sentence", b.Name, b.Doc)
		}
		if len(b.Params) > 0 && !b.Params[0].Accepts(b.Recv) && !b.Recv.IsAny() {
			t.Errorf("%s: receiver %s is not accepted", b.Name, b.Recv)
		}
	}
	if _, ok := Lookup("__id"); ok {
		t.Error("names begin with underscores")
	}
}

func TestSignature(t *testing.T) {
	tests := []struct {
		name   string
		method bool
		want   string
	}{
		{"timestamp", false, "timestamp() string"},
		{"concat", false, "concat(parts: string|integer...) string"},
		{"replace", false, "replace(text: string, old: string, new: string, count: integer) string"},
		{"replace", true, "replace(old: string, new: string, count: integer) string"},
		{"list_slice", true, "list_slice(start: integer, end: integer?) list"},
		{"join", true, "join(separator: string) string"},
		{"concat", true, "concat(parts: string|integer...) string"},
	}
	for _, test := range tests {
		b, _ := Lookup(test.name)
		if got := b.Signature(test.method); got != test.want {
			t.Errorf("Signature(%s, %v) = %q, want %q", test.name, test.method, got, test.want)
		}
	}
}

func TestMethodsOf(t *testing.T) {
	has := func(typ types.Type, name string) bool {
		return slices.ContainsFunc(MethodsOf(typ), func(b *Builtin) bool { return b.Name == name })
	}
	tests := []struct {
		typ  types.Type
		name string
		want bool
	}{
		{types.String, "upper", true}, {types.String, "join", false}, {types.String, "length", true}, {types.String, "add", false},
		{types.String, "id", true}, {types.String, "timestamp", false}, {types.Int, "concat", true}, {types.Int, "add", true},
		{types.List(types.Int), "join", false}, {types.List(types.String), "join", true}, {types.List(types.Int), "list_index", true},
		{types.Bool, "not", true}, {types.Any, "not", true}, {types.Any, "timestamp", false}, {types.Object(false), "upper", false},
	}
	for _, test := range tests {
		if got := has(test.typ, test.name); got != test.want {
			t.Errorf("MethodsOf(%s) has %q: %v", test.typ, test.name, got)
		}
	}
}

func TestEffects(t *testing.T) {
	for _, b := range Table() {
		want := Pure
		switch b.Name {
		case "read_file", "path_exists", "file_exists", "dir_exists":
			want = ReadsFiles
		case "timestamp":
			want = ReadsClock
		}
		if b.Effects != want {
			t.Errorf("%s %s", b.Name, b.Effects)
		}
	}
}
