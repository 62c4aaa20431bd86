package lsp_test

import (
	"testing"

	"escape.build/escape/lsp/internal/markertest"
)

func TestMarkers(t *testing.T) { markertest.Run(t, "testdata/marker/*.txtar") }
