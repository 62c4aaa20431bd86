package state

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// leftBehind returns a document with one deployment "base", and the journal of a session which died after some commits,
// the i-th of which added the deployment "d<i>".
func leftBehind(t testing.TB, commits int) (doc, journal []byte) {
	t.Helper()
	ctx := context.Background()
	m := newMemFS(newTestClock())
	alive := true
	store := memStore(t, m, testMachine("boot", &alive))
	put := func(s Session, name string) {
		if err := s.Commit(ctx, Batch{Changes: []Change{PutStatus{Address{"dev", Path{name}, ""}, DeployStage,
			Status{Code: OK, UpdatedAt: epoch, Data: "<ü\n>"}}}}); err != nil {
			t.Fatal(err)
		}
	}
	session, err := store.Lock(ctx, Request{})
	if err != nil {
		t.Fatal(err)
	}
	put(session, "base")
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if session, err = store.Lock(ctx, Request{Operation: "died"}); err != nil {
		t.Fatal(err)
	}
	for i := range commits {
		put(session, fmt.Sprintf("d%d", i))
	}
	return m.names[memPath].data, m.names[memPath+".journal"].data
}

// find opens a store with this document and journal, as a reader and as the next session, and returns the deployments.
func find(t *testing.T, doc, journal []byte) (names []string, err error) {
	t.Helper()
	m := newMemFS(newTestClock())
	if doc != nil {
		m.names[memPath] = &memInode{data: doc}
	}
	m.names[memPath+".journal"] = &memInode{data: journal}
	alive := true
	store := memStore(t, m, testMachine("boot", &alive))
	view, viewErr := store.View(context.Background())
	session, err := store.Lock(context.Background(), Request{})
	if (err == nil) != (viewErr == nil) {
		t.Fatalf("reader: %v; session: %v", viewErr, err)
	}
	if err != nil {
		if string(m.names[memPath].data) != string(doc) || string(m.names[memPath+".journal"].data) != string(journal) {
			t.Fatal("files were changed in spite of the error")
		}
		if len(m.names) != 2 {
			t.Fatal("a lock is left after the error")
		}
		return nil, err
	}
	names = session.State().Environment("dev").Names()
	if got := view.State.Environment("dev").Names(); strings.Join(got, " ") != strings.Join(names, " ") {
		t.Fatalf("reader finds %v, session %v", got, names)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if m.names[memPath+".journal"] != nil && len(view.Runs) == 0 {
		t.Fatal("the journal was not folded")
	}
	return names, nil
}

func TestJournalCutAtEveryByte(t *testing.T) {
	doc, journal := leftBehind(t, 3)
	for n := range len(journal) + 1 {
		names, err := find(t, doc, journal[:n])
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		// The header is a line too.
		want := 1 + max(0, strings.Count(string(journal[:n]), "\n")-1)
		if len(names) != want || names[0] != "base" {
			t.Errorf("%d bytes: found %v, want %d deployments", n, names, want)
		}
	}
}

func TestEveryByteOfTheJournalFlipped(t *testing.T) {
	doc, journal := leftBehind(t, 3)
	last := strings.LastIndexByte(string(journal[:len(journal)-1]), '\n') + 1
	for i := range journal {
		for _, flip := range []byte{0x01, 0x20, 0x80, 0xff, journal[i], journal[i] ^ '\n'} {
			damaged := append([]byte(nil), journal...)
			damaged[i] ^= flip
			if string(damaged) == string(journal) {
				continue
			}
			names, err := find(t, doc, damaged)
			switch {
			case errors.Is(err, ErrCorrupt):
				if !strings.Contains(err.Error(), "line") || !strings.Contains(err.Error(), memPath+".journal") {
					t.Errorf("byte %d: the error does not name the place: %v", i, err)
				}
			case err != nil:
				t.Errorf("byte %d: %v", i, err)
			case i < last:
				t.Errorf("byte %d of %d: damage before the last record went unnoticed, found %v", i, len(journal), names)
			case len(names) != 3:
				t.Errorf("byte %d: found %v", i, names)
			}
		}
	}
}

func TestJournalWithUnwrittenEnd(t *testing.T) {
	doc, journal := leftBehind(t, 2)
	names, err := find(t, doc, append(journal[:len(journal):len(journal)], make([]byte, 4096)...))
	if err != nil || len(names) != 3 {
		t.Errorf("zeros at the end: %v, %v", names, err)
	}
	if names, err = find(t, doc, make([]byte, 100)); err != nil || len(names) != 1 {
		t.Errorf("nothing but zeros: %v, %v", names, err)
	}
	if names, err = find(t, doc, nil); err != nil || len(names) != 1 {
		t.Errorf("empty journal: %v, %v", names, err)
	}
}

func TestJournalOfAnotherDocument(t *testing.T) {
	doc, journal := leftBehind(t, 2)
	for name, other := range map[string]string{
		"edited":   strings.Replace(string(doc), `"base"`, `"bass"`, 1),
		"original": `{"name":"local-state-project"}`,
		"foreign":  `{"name":"other","lineage":"x","serial":100}`,
	} {
		if _, err := find(t, []byte(other), journal); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v, want ErrConflict", name, err)
		}
	}
	m := newMemFS(newTestClock())
	m.names[memPath+".journal"] = &memInode{data: journal}
	if _, err := memStore(t, m, &machine{}).View(context.Background()); !errors.Is(err, ErrConflict) {
		t.Errorf("document gone: %v", err)
	}
	// A document that was written after the journal, from it, is no conflict.
	s := mustDecode(t, string(doc))
	for i := range 2 {
		if err := s.Apply(PutStatus{Address{"dev", Path{fmt.Sprintf("d%d", i)}, ""}, DeployStage, Status{Code: OK, UpdatedAt: epoch}}); err != nil {
			t.Fatal(err)
		}
	}
	s.serial += 2
	folded, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if names, err := find(t, folded, journal); err != nil || len(names) != 3 {
		t.Errorf("folded already: %v, %v", names, err)
	}
}

func TestJournalFromTheFuture(t *testing.T) {
	doc, _ := leftBehind(t, 1)
	h := header{format: Format + 1}
	lines, _ := appendLine(nil, journalSeed, h.payload())
	if _, err := find(t, doc, lines); !errors.Is(err, ErrNewer) {
		t.Errorf("newer header: %v", err)
	}
	h.format = Format
	lines, last := appendLine(nil, journalSeed, h.payload())
	lines, _ = appendLine(lines, last, []byte(`{"serial":2,"changes":[{"op":"teleport","env":"dev","path":"a"}]}`))
	if _, err := find(t, doc, lines); !errors.Is(err, ErrNewer) && !errors.Is(err, ErrCorrupt) {
		t.Errorf("unknown change: %v", err)
	}
}

func FuzzJournal(f *testing.F) {
	doc, journal := leftBehind(f, 3)
	f.Add(journal)
	f.Add(journal[:len(journal)/2])
	// A valid chain around nonsense gets further than random bytes.
	h := header{format: Format, base: checksumText(newSums(doc).total, int64(len(doc)))}
	for _, payload := range []string{
		`{}`, `{"serial":9,"changes":[{"op":"delete","env":"dev","path":"base"}]}`, `{"changes":[{"op":"stage","env":"dev","path":"a:b","value":{}}]}`,
		`{"changes":[{"op":"revision","env":"dev","path":"a","value":{"number":-1}}]}`, `{"changes":[{"op":"environment","env":"x","value":null}]}`,
		`{"events":[{"event":"run","run":"r"}],"changes":[{"op":"delete_environment","env":"dev"}]}`, `{"changes":[{"op":"deployment","env":"dev","path":"a","value":{"stages":{"deploy":{}}}}]}`,
	} {
		lines, last := appendLine(nil, journalSeed, h.payload())
		lines, _ = appendLine(lines, last, []byte(payload))
		f.Add(lines)
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, journal := range [][]byte{data, rechain(h, data)} {
			names, err := find(t, doc, journal)
			if err == nil && len(names) == 0 && !strings.Contains(string(data), "delete") {
				t.Error("the state is empty")
			}
		}
	})
}

// rechain makes a journal whose lines are those of data, with checksums that fit.
func rechain(h header, data []byte) []byte {
	lines, last := appendLine(nil, journalSeed, h.payload())
	for _, payload := range strings.Split(string(data), "\n") {
		lines, last = appendLine(lines, last, []byte(payload))
	}
	return lines
}
