package config

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func places(dir string, env map[string]string) Places {
	return Places{OS: "linux", Dir: dir, Getenv: func(name string) string {
		if name == "HOME" {
			return "/home/u"
		}
		return env[name]
	}}
}

const firstRun = `{
    "current_profile": "default",
    "profiles": {
        "default": {
            "inventory_type": "local",
            "api_server": "https://escape.ankyra.io",
            "escape_auth_token": "",
            "basic_auth_username": "",
            "basic_auth_password": "",
            "insecure_skip_verify": false,
            "state_path": "/home/u/.config/escape/escape_state.json",
            "local_inventory_base_dir": "/home/u/.config/escape/.inventory",
            "proxy_namespaces": [
                "examples",
                "extensions",
                "providers"
            ]
        }
    }
}`

func TestFirstRun(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "cfg")
	if _, err := Load(places(dir, nil), Options{Path: "cfg"}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("Load without Create wrote the file")
	}
	if _, err := Load(places(dir, nil), Options{Path: "cfg", Create: true}); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(firstRun, string(text)); diff != "" {
		t.Errorf("first file (-want +got):\n%s", diff)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want 0600", info.Mode())
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*")); len(names) != 1 {
		t.Errorf("left behind: %v", names)
	}
	if _, err := Load(places(dir, nil), Options{Path: "none/cfg", Create: true}); err == nil ||
		err.Error() != "open "+filepath.Join(dir, "none/cfg")+": no such file or directory" {
		t.Errorf("missing folder: %v", err)
	}
}

func TestLoad(t *testing.T) {
	for _, c := range []struct {
		name, text, profile string
		env                 map[string]string
		want                EscapeConfigProfile
		err                 string // behind the path
	}{
		{name: "no profiles named", text: `{}`, want: EscapeConfigProfile{InventoryType: "local", APIServer: defaultAPIServer,
			StatePath: "/home/u/.config/escape/escape_state.json", LocalInventory: "/home/u/.config/escape/.inventory",
			ProxyNamespaces: []string{"examples", "extensions", "providers"}}},
		{name: "seeded", text: `{}`, env: map[string]string{"ESCAPE_API_SERVER": "http://x", "ESCAPE_AUTH_TOKEN": "t"},
			want: EscapeConfigProfile{InventoryType: "remote", APIServer: "http://x", AuthToken: "t",
				StatePath: "/home/u/.config/escape/escape_state.json", ProxyNamespaces: []string{}}},
		{name: "environment wins for the run", text: `{"profiles":{"default":{"api_server":"http://stored"}}}`,
			env: map[string]string{"ESCAPE_API_SERVER": "http://x"},
			want: EscapeConfigProfile{InventoryType: "remote", APIServer: "http://x",
				StatePath: "/home/u/.config/escape/escape_state.json"}},
		{name: "local with a server but no folder", text: `{"profiles":{"default":{"inventory_type":"local","api_server":"http://s","state_path":"~/s"}}}`,
			want: EscapeConfigProfile{InventoryType: "local", APIServer: "http://s", StatePath: "~/s", LocalInventory: "/home/u/.config/escape/.inventory"}},
		{name: "chosen", text: `{"profiles":{"b":{"state_path":"/b"}}}`, profile: "b", env: map[string]string{"XDG_CONFIG_HOME": "/xdg"},
			want: EscapeConfigProfile{InventoryType: "local", APIServer: defaultAPIServer, StatePath: "/b", LocalInventory: "/xdg/escape/.inventory",
				ProxyNamespaces: []string{"examples", "extensions", "providers"}}},
		{name: "empty file", text: ``, err: "unexpected end of JSON input"},
		{name: "wrong document", text: `[]`, err: "json: cannot unmarshal array into Go value of type config.EscapeConfig"},
		{name: "null profile", text: `{"profiles":{"default":null}}`, err: "profile 'default' is null"},
		{name: "no profiles at all", text: `{"profiles":null}`, err: "Referenced profile 'default' was not found in the Escape configuration file."},
		{name: "dangling current profile", text: `{"current_profile":"x"}`, profile: "default", err: "Referenced profile 'x' was not found in the Escape configuration file."},
		{name: "unknown chosen", text: `{}`, profile: "nope", err: "Referenced profile 'nope' was not found in the Escape configuration file."},
		{name: "unknown type", text: `{"profiles":{"default":{"inventory_type":"ftp"}}}`, err: "profile 'default' has the unknown inventory_type 'ftp'; expecting 'local' or 'remote'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "cfg")
			if err := os.WriteFile(file, []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := Load(places(dir, c.env), Options{Path: "cfg", Profile: c.profile, Create: true})
			if after, _ := os.ReadFile(file); string(after) != c.text {
				t.Error("reading rewrote the file")
			}
			if c.err != "" {
				if err == nil || strings.TrimPrefix(err.Error(), "Couldn't parse Escape configuration file '"+file+"': ") != c.err {
					t.Fatalf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, *got.Profile); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestFields: keys and values are those of the file, in its order.
func TestFields(t *testing.T) {
	p := EscapeConfigProfile{"remote", "http://s", "t", "u", "p", true, "/s", "/i", []string{"a"}}
	want, err := encodeObject(&p)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range p.Fields() {
		value, err := json.Marshal(f.Value)
		if err != nil || want[i].key != f.Key || string(want[i].value) != string(value) {
			t.Errorf("field %d is %s %s, want %s %s", i, f.Key, value, want[i].key, want[i].value)
		}
	}
	changed := map[string]string{"inventory_type": "local", "insecure_skip_verify": "F", "proxy_namespaces": "x, y,"}
	for _, f := range p.Fields() {
		text := changed[f.Key]
		if text == "" {
			text = "new " + f.Key
		}
		if ok, err := p.SetField(f.Key, text); !ok || err != nil {
			t.Errorf("set %s: %t, %v", f.Key, ok, err)
		}
	}
	after := EscapeConfigProfile{"local", "new api_server", "new escape_auth_token", "new basic_auth_username", "new basic_auth_password",
		false, "new state_path", "new local_inventory_base_dir", []string{"x", "y"}}
	if diff := cmp.Diff(after, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(p.Fields()) != len(want) {
		t.Errorf("%d fields, want %d", len(p.Fields()), len(want))
	}
}

func TestPlaces(t *testing.T) {
	env := map[string]string{"APPDATA": `C:\data`, "USERPROFILE": `C:\u`}
	p := places("/project", env)
	for path, want := range map[string]string{"~/x": "/home/u/x", "~": "/project/~", "": "/project", "a/../b": "/project/b", "/c": "/c"} {
		if got := p.File(path); got != want {
			t.Errorf("File(%q) = %s, want %s", path, got, want)
		}
	}
	p.OS = "darwin"
	if got, want := p.AppDir(), "/home/u/Library/Application Support/escape"; got != want {
		t.Errorf("AppDir on macOS = %s, want %s", got, want)
	}
	p.OS = "windows"
	if got, want := p.AppDir(), filepath.Join(`C:\data`, "escape"); got != want {
		t.Errorf("AppDir on Windows = %s, want %s", got, want)
	}
	if _, err := Load(places(t.TempDir(), nil), Options{Path: ""}); err == nil || !strings.HasSuffix(err.Error(), "is a directory") {
		t.Errorf("a folder as file: %v", err)
	}
}

func TestHomeWithoutVariable(t *testing.T) {
	if got := homeOf(0); got == "" {
		t.Skip("this machine has no entry for user 0")
	}
	if got := homeOf(-7); got != "" {
		t.Errorf("home of an unknown user = %q, want none", got)
	}
}
