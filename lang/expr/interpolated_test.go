package expr

import "testing"

func TestInterpolated(t *testing.T) {
	for text, want := range map[string]string{
		"${this.inputs.a}":               `$this.inputs.a`,
		"http://$this.inputs.host/":      `$__concat("http://", $this.inputs.host, "/")`,
		"http://${this.inputs.host}:80":  `$__concat("http://", $this.inputs.host, ":80")`,
		"$db.outputs.a-${db.outputs.b}x": `$__concat($db.outputs.a, "-", $db.outputs.b, "x")`,
		"say \"$this.version.\"":         `$__concat("say \"", $this.version, ".\"")`,
		"${this}":                        "",
		"$other.x":                       "",
		"${this.x":                       "",
		"$.x $":                          "",
		"":                               "",
	} {
		got, ok := Interpolated(text, func(name string) bool { return name == "this" || name == "db" })
		if !ok {
			got = ""
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
