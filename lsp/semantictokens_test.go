package lsp_test

import (
	"slices"
	"strings"
	"testing"

	"go.lsp.dev/protocol"

	"escape.build/escape/lang/source"
	"escape.build/escape/lang/yamlfile/plangen"
)

// TestTokenDifferences: a difference makes the old tokens the new ones, and is small after one key. To a result that is no
// longer known there is none.
func TestTokenDifferences(t *testing.T) {
	text := plangen.Plan(300)
	c := openPlan(t, "escape.yml", text, nil)
	u := c.URI("escape.yml")
	doc := protocol.TextDocumentIdentifier{URI: u}
	full, err := c.Server.SemanticTokensFull(c.Ctx, &protocol.SemanticTokensParams{TextDocument: doc})
	if err != nil {
		t.Fatal(err)
	}
	first, id, data := *full.ResultID, *full.ResultID, slices.Clone(full.Data)
	for _, word := range []string{"storefront", "zone_", "inputs:", "\n- id"} {
		at := int32(strings.Index(c.Text(u).Text(), word) + 1)
		c.Edit(u, source.Span{Start: at, End: at}, "x")
		got, err := c.Server.SemanticTokensFullDelta(c.Ctx, &protocol.SemanticTokensDeltaParams{TextDocument: doc, PreviousResultID: id})
		if err != nil {
			t.Fatal(err)
		}
		delta, ok := got.(*protocol.SemanticTokensDelta)
		if !ok {
			t.Fatalf("the answer is a %T", got)
		}
		for _, e := range delta.Edits {
			data = slices.Replace(data, int(e.Start), int(e.Start+e.DeleteCount), e.Data...)
		}
		id = *delta.ResultID
		if word == "storefront" && (len(delta.Edits) != 1 || len(delta.Edits[0].Data) > 10) {
			t.Errorf("after one key the difference is %v", delta.Edits)
		}
	}
	full, err = c.Server.SemanticTokensFull(c.Ctx, &protocol.SemanticTokensParams{TextDocument: doc})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(full.Data, data) {
		t.Error("the differences do not give the tokens of the text")
	}
	got, err := c.Server.SemanticTokensFullDelta(c.Ctx, &protocol.SemanticTokensDeltaParams{TextDocument: doc, PreviousResultID: first})
	if _, ok := got.(*protocol.SemanticTokens); !ok || err != nil {
		t.Errorf("to an old result there is %T, %v", got, err)
	}
}
