.PHONY: build test bench examples fmt gen fuzz

# build writes bin/escape. Without the C library it starts faster and runs everywhere.
build:
	CGO_ENABLED=0 go build -trimpath -o bin/escape ./cmd/escape

test:
	.ci/test

# bench prints the figures this project promises, measured against the machine it runs on.
bench:
	go run ./cmd/internal/figures
	go test -run='^$$' -bench=. -benchmem ./...

# examples runs every package under testdata/examples with the client just built.
examples: build
	ESCAPE="$(CURDIR)/bin/escape" .ci/examples

fmt:
	gofmt -w $$(git ls-files '*.go')

# gen rewrites the reference pages from the tables.
gen:
	go run ./cmd/internal/gen

fuzz:
	.ci/fuzz 30s
