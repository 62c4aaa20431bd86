package run_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/planner/run"
)

func TestParseVars(t *testing.T) {
	files := map[string]string{
		"f": " text\n", "o.json": `{"s":"x","i":3,"f":1.5,"big":18446744073709551615,"b":true,"n":null,"l":[1,"a"],"m":{"k":2}}`, "l.json": "[1]", "bad.json": "{",
		"null.json": "null",
	}
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
	}
	for _, c := range []struct {
		args []string
		want map[string]any
		err  string
	}{
		{nil, map[string]any{}, ""},
		{[]string{"a=b=c", "e=", "k", "=v", "s= x "}, map[string]any{"a": "b=c", "e": "", "k": "", "": "v", "s": " x "}, ""},
		{[]string{"a=@f"}, map[string]any{"a": " text\n"}, ""},
		{[]string{"@f=x"}, map[string]any{"@f": "x"}, ""},
		{[]string{"@o.json"}, map[string]any{"s": "x", "i": int64(3), "f": 1.5, "big": uint64(18446744073709551615), "b": true, "n": nil,
			"l": []any{int64(1), "a"}, "m": map[string]any{"k": int64(2)}}, ""},
		{[]string{"i=1", "@o.json=", "s=y"}, map[string]any{"s": "y", "i": int64(3), "f": 1.5, "big": uint64(18446744073709551615), "b": true, "n": nil,
			"l": []any{int64(1), "a"}, "m": map[string]any{"k": int64(2)}}, ""},
		{[]string{"@null.json"}, map[string]any{}, ""},
		{[]string{"a=@gone"}, nil, "Coulnd't read file 'gone': open gone: file does not exist"},
		{[]string{"a=@"}, nil, "Coulnd't read file '': open : file does not exist"},
		{[]string{"@gone"}, nil, "Coulnd't read file 'gone': open gone: file does not exist"},
		{[]string{"@bad.json"}, nil, "Coulnd't read file 'bad.json' into JSON map: unexpected end of JSON input"},
		{[]string{"@l.json"}, nil, "Coulnd't read file 'l.json' into JSON map: json: cannot unmarshal array into Go value of type map[string]interface {}"},
	} {
		got, err := run.ParseVars(c.args, read)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if text != c.err || err == nil && cmp.Diff(c.want, got) != "" {
			t.Errorf("ParseVars(%q) = %v, %v; want %v, %s", c.args, got, err, c.want, c.err)
		}
	}
	if got, err := run.ParseProviders([]string{"db=prod:db", "db=x"}, read); err != nil || got["db"] != "x" {
		t.Errorf("providers are %v, %v", got, err)
	}
	if _, err := run.ParseProviders([]string{"@o.json"}, read); err == nil || err.Error() != "Expecting a string value for extra provider 'b' got true" {
		t.Errorf("error is %v", err)
	}
}
