package value_test

import (
	"strings"
	"testing"

	"escape.build/escape/lsp/internal/cache"
	"escape.build/escape/lsp/internal/value"
)

func analyze(t *testing.T, text string) *cache.Analyzed {
	snap := cache.New(cache.Options{}).Open("untitled:1", "", "escape-plan", 1, text)
	an := snap.Analyze(snap.Document("untitled:1"))
	if an == nil {
		t.Fatal("no plan")
	}
	return an
}

func TestValues(t *testing.T) {
	const text = `name: shop/app
version: 1.2
description: The shop.
metadata:
  team: blue
depends:
- shop/db-v2.@ as db
consumes:
- kubernetes as k8s
inputs:
- required
- {id: port, type: integer, default: 80}
- {id: list, type: list, default: [a, $this.name]}
- {id: password, sensitive: true, default: hunter2}
- {id: url, default: '$__concat("http://x:", $this.inputs.port)'}
- {id: a, default: $this.inputs.b}
- {id: b, default: $this.inputs.a}
outputs:
- {id: o1, default: $this.inputs.url.upper()}
- {id: o2, default: $this.inputs.password.upper()}
- {id: o3, default: $this.inputs.required}
- {id: o4, default: $this.inputs.a}
- {id: o5, default: $this.versionless_release}
- {id: o6, default: $this.id}
- {id: o7, default: $this.metadata.team}
- {id: o8, default: $db.outputs.url}
- {id: o9, default: $k8s.outputs.host}
- {id: o10, default: $this.environment}
- {id: o11, default: '$__concat("a", "b")'}
- {id: o12, default: $this.revision}
- {id: o13, default: $this.inputs.list.join("-")}
`
	want := map[string]string{
		"o1": `"HTTP://X:80" default`, "o2": "(sensitive) default", "o3": "? it comes from an input without a default", "o4": "? it is defined by itself",
		"o5": `"shop/app"`, "o6": `"shop/app-v1.2"`, "o7": `"blue"`, "o8": "? it is there when shop/db is deployed",
		"o9": "? it depends on the provider", "o10": "? it depends on where", "o11": `"ab"`, "o12": "? it is a fact about the commit",
		"o13": `"a-app" default`,
	}
	an := analyze(t, text)
	for _, v := range an.Plan.Outputs {
		x, ok := an.Info.At(int(v.Default.Node.Span().Start) + 1)
		if !ok {
			t.Errorf("%s: no expression", v.ID.Value)
			continue
		}
		got := value.OfExpr(an, &x, x.Root)
		text := "? " + got.Why
		if got.Known {
			text = got.String()
			if got.Default {
				text += " default"
			}
		}
		if w := want[v.ID.Value]; text != w && !(strings.HasPrefix(w, "?") && strings.HasPrefix(text, w)) {
			t.Errorf("%s is %s, want %s", v.ID.Value, text, w)
		}
		if got.Secret && got.Go != nil {
			t.Errorf("%s gives a secret out", v.ID.Value)
		}
	}
	if got := value.Redactor(an).String("it is hunter2"); strings.Contains(got, "hunter2") {
		t.Errorf("a secret is shown: %s", got)
	}
}
