package lsp_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lsp/internal/markertest"
)

// A slowInventory answers when it is let.
type slowInventory struct {
	ready chan struct{} // closed when it may answer
	err   error
}

func (s slowInventory) Names(ctx context.Context) ([]string, error) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return []string{"far/away", "_/plain"}, s.err
}

func (s slowInventory) Versions(_ context.Context, pkg string) ([]string, error) {
	if pkg != "far/away" {
		return nil, fmt.Errorf("there is no such package")
	}
	return []string{"2.0.1", "v1.9", "stable", "vnext"}, s.err
}

// labels asks for completion at the end of a document.
func labels(c *markertest.Client, name string) (names []string, incomplete bool) {
	c.T.Helper()
	u := c.URI(name)
	f := c.Text(u)
	end := int32(len(f.Text()))
	got, err := c.Server.Completion(c.Ctx, &protocol.CompletionParams{TextDocumentPositionParams: protocol.TextDocumentPositionParams{
		TextDocument: protocol.TextDocumentIdentifier{URI: u}, Position: markertest.Range(f, source.Span{Start: end, End: end}).Start,
	}})
	if err != nil {
		c.T.Fatal(err)
	}
	list := got.(*protocol.CompletionList)
	for _, it := range list.Items {
		names = append(names, it.Label)
	}
	return names, list.IsIncomplete
}

// TestSlowInventory: an Inventory that does not answer holds nobody up, and what it says later counts.
func TestSlowInventory(t *testing.T) {
	slow := slowInventory{ready: make(chan struct{})}
	c := markertest.StartWith(t, t.TempDir(), nil, nil, slow)
	const head = "name: demo/app\nversion: 0.1.@\ndepends:\n- "
	c.Open(c.URI("escape.yml"), "escape-plan", head)
	if names, incomplete := labels(c, "escape.yml"); slices.Contains(names, "far/away") || !incomplete {
		t.Errorf("before the Inventory has answered, %q are offered, incomplete %v", names, incomplete)
	}
	close(slow.ready)
	deadline := time.Now().Add(time.Minute)
	for {
		names, incomplete := labels(c, "escape.yml")
		if slices.Contains(names, "far/away") && slices.Contains(names, "plain") && !incomplete {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the Inventory has answered, but %q are offered, incomplete %v", names, incomplete)
		}
	}
	c.Edit(c.URI("escape.yml"), source.Span{Start: int32(len(head)), End: int32(len(head))}, "far/away-")
	for {
		names, incomplete := labels(c, "escape.yml")
		if !incomplete {
			want := []string{"far/away-v2.0.1", "far/away-v1.9", "far/away-v2.0.@", "far/away-v2.@", "far/away-v1.@", "far/away-latest", "far/away:stable", "far/away:vnext"}
			if !slices.Equal(names[:min(len(names), len(want))], want) {
				t.Errorf("versions are %q, want %q", names, want)
			}
			break
		}
	}
	c.Edit(c.URI("escape.yml"), source.Span{Start: int32(len(head)) + 8, End: int32(len(head)) + 9}, ":")
	if names, _ := labels(c, "escape.yml"); !slices.Equal(names[:min(len(names), 3)], []string{"far/away:stable", "far/away:vnext", "far/away:latest"}) {
		t.Errorf("tags are %q", names)
	}
}

// TestNoInventory: one that fails is as if there were none.
func TestNoInventory(t *testing.T) {
	ready := make(chan struct{})
	close(ready)
	c := markertest.StartWith(t, t.TempDir(), nil, nil, slowInventory{ready: ready, err: fmt.Errorf("offline")})
	c.Open(c.URI("escape.yml"), "escape-plan", "name: demo/app\nversion: 0.1.@\ndepends:\n- far/away-")
	if names, incomplete := labels(c, "escape.yml"); !slices.Contains(names, "far/away-latest") || !incomplete {
		t.Errorf("%q are offered, incomplete %v", names, incomplete)
	}
}

// TestManyItems: a list has at most 100 items, and says so; what was typed decides which, and what does not match it is left out.
func TestManyItems(t *testing.T) {
	c := markertest.Start(t, t.TempDir(), nil, nil)
	var b strings.Builder
	b.WriteString("name: demo/app\nversion: 0.1.@\ninputs:\n")
	for i := range 900 {
		fmt.Fprintf(&b, "- id: in_%d\n  default: x\n", i)
	}
	b.WriteString("outputs:\n- id: a\n  default: $this.inputs.")
	c.Open(c.URI("escape.yml"), "escape-plan", b.String())
	if names, incomplete := labels(c, "escape.yml"); len(names) != 100 || !incomplete {
		t.Errorf("there are %d items, incomplete %v", len(names), incomplete)
	}
	c.Edit(c.URI("escape.yml"), source.Span{Start: int32(b.Len()), End: int32(b.Len())}, "in_899")
	if names, incomplete := labels(c, "escape.yml"); len(names) != 1 || names[0] != "in_899" || !incomplete {
		t.Errorf("the items are %q, incomplete %v", names, incomplete)
	}
}

// BenchmarkCompletion asks a server over its connection, in plans of 100, 1,000 and 10,000 lines: idle, and after each key.
func BenchmarkCompletion(b *testing.B) {
	for _, lines := range []int{100, 1000, 10_000} {
		var text strings.Builder
		text.WriteString("name: demo/app\nversion: 0.1.@\ninputs:\n")
		for i := 0; i*4 < lines; i++ {
			fmt.Fprintf(&text, "- id: in_%d\n  type: string\n  description: Number %d.\n  default: x\n", i, i)
		}
		text.WriteString("outputs:\n- id: a\n  default: $this.inputs.in_1")
		for _, typing := range []bool{false, true} {
			b.Run(fmt.Sprintf("%d/%s", lines, map[bool]string{false: "idle", true: "typing"}[typing]), func(b *testing.B) {
				c := markertest.Start(b, b.TempDir(), nil, nil)
				u := c.URI("escape.yml")
				c.Open(u, "escape-plan", text.String())
				c.Diagnostics(u)
				end := int32(text.Len())
				for b.Loop() {
					if typing {
						c.Edit(u, source.Span{Start: end, End: end}, "0")
					}
					labels(c, "escape.yml")
					if typing {
						b.StopTimer()
						c.Edit(u, source.Span{Start: end, End: end + 1}, "")
						c.Diagnostics(u)
						b.StartTimer()
					}
				}
			})
		}
	}
}
