package state

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func openFile(t *testing.T, path string) *FileStore {
	t.Helper()
	s, err := OpenFile(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func record(t *testing.T, s Session, name string) {
	t.Helper()
	if err := s.Commit(context.Background(), Batch{Changes: []Change{PutStatus{Address{"dev", Path{name}, ""}, DeployStage,
		Status{Code: OK, UpdatedAt: epoch}}}}); err != nil {
		t.Fatal(err)
	}
}

func mustLock(t *testing.T, s *FileStore) Session {
	t.Helper()
	session, err := s.Lock(context.Background(), Request{Operation: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func TestOpenFileWithoutPath(t *testing.T) {
	if _, err := OpenFile("", Options{}); err == nil || err.Error() != "Configuration file path is required." {
		t.Errorf("%v", err)
	}
}

func TestSymbolicLink(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	link, target := filepath.Join(dir, "link.json"), filepath.Join(other, "target.json")
	if err := os.Symlink(target, link); err != nil {
		t.Skip(err)
	}
	for range 2 { // a dangling link first, then one to a document
		session := mustLock(t, openFile(t, link))
		if _, err := openFile(t, target).Lock(context.Background(), Request{}); !errors.Is(err, ErrLocked) {
			t.Errorf("link and target have different locks: %v", err)
		}
		record(t, session, "a")
		if err := session.Close(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("the link was replaced: %v, %v", info, err)
		}
		if _, err := os.Stat(target); err != nil {
			t.Error(err)
		}
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(loop, Options{}); err == nil || !strings.Contains(err.Error(), "too many levels") {
		t.Errorf("loop: %v", err)
	}
}

func TestModes(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "escape_state.json")
	modes := func() map[string]fs.FileMode {
		all := map[string]fs.FileMode{}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil {
				t.Fatal(err)
			}
			all[strings.TrimPrefix(e.Name(), "escape_state.json")] = info.Mode().Perm()
		}
		return all
	}
	session := mustLock(t, openFile(t, path))
	record(t, session, "a")
	if m := modes(); len(m) != 2 || m[".lock"] != 0o600 || m[".journal"] != 0o600 {
		t.Errorf("while at work: %v", m)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if m := modes(); len(m) != 1 || m[""] != 0o600 {
		t.Errorf("new document: %v", m)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	session = mustLock(t, openFile(t, path))
	record(t, session, "b")
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if m := modes(); len(m) != 1 || m[""] != 0o644 {
		t.Errorf("the mode was not kept: %v", m)
	}
}

func TestDocumentsThatAreRefusedStayAsTheyAre(t *testing.T) {
	path := filepath.Join(t.TempDir(), "escape_state.json")
	for name, text := range map[string]string{
		"empty": "", "cut": exampleOfChapter[:400], "no JSON": "hello", "zeros": "\x00\x00\x00\x00", "newer": `{"name":"pp","format":99}`,
		"wrong stage": `{"name":"pp","environments":{"dev":{"deployments":{"a":{"stages":{"foo":{}}}}}}}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		store := openFile(t, path)
		_, viewErr := store.View(context.Background())
		_, lockErr := store.Lock(context.Background(), Request{})
		for _, err := range []error{viewErr, lockErr} {
			if err == nil || !strings.Contains(err.Error(), path+":") || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != text {
			t.Errorf("%s: the file was changed to %q, %v", name, data, err)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("%s: files left: %v", name, entries)
		}
	}
}

func TestAnotherProject(t *testing.T) {
	path := filepath.Join(t.TempDir(), "escape_state.json")
	store, err := OpenFile(path, Options{Project: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	session := mustLock(t, store)
	record(t, session, "a")
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if view, err := store.View(context.Background()); err != nil || view.State.Project() != "mine" {
		t.Errorf("%v", err)
	}
	yours, err := OpenFile(path, Options{Project: "yours"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := yours.View(context.Background()); err == nil || !strings.Contains(err.Error(), `belongs to project "mine", not to "yours"`) {
		t.Errorf("%v", err)
	}
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	missing := openFile(t, filepath.Join(dir, "none", "escape_state.json"))
	if view, err := missing.View(context.Background()); err != nil || len(view.State.Environments()) != 0 {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := missing.Lock(context.Background(), Request{}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := openFile(t, dir).View(context.Background()); err == nil {
		t.Error("a folder was read as a document")
	}
	if os.Geteuid() == 0 {
		return // nothing is forbidden to root
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)
	if _, err := openFile(t, filepath.Join(dir, "escape_state.json")).Lock(context.Background(), Request{}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("read-only folder: %v", err)
	}
}

func TestAnotherProgramChangesTheDocument(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "escape_state.json")
	session := mustLock(t, openFile(t, path))
	record(t, session, "a")
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	session = mustLock(t, openFile(t, path))
	record(t, session, "b")
	if err := os.WriteFile(path, []byte(exampleOfChapter), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := session.Close(); !errors.Is(err, ErrConflict) {
		t.Errorf("close: %v, want ErrConflict", err)
	}
	if data, _ := os.ReadFile(path); string(data) != exampleOfChapter {
		t.Error("the other program's document was replaced")
	}
	store := openFile(t, path)
	if _, err := store.View(ctx); !errors.Is(err, ErrConflict) {
		t.Errorf("view: %v, want ErrConflict", err)
	}
	// With the document from before, everything is there again.
	if err := os.WriteFile(path, ours, 0o600); err != nil {
		t.Fatal(err)
	}
	session = mustLock(t, store)
	if names := strings.Join(session.State().Environment("dev").Names(), " "); names != "a b" {
		t.Errorf("found %q", names)
	}
	if r := session.Recovered(); r.Commits != 1 || r.Lease.Operation != "test" {
		t.Errorf("recovered: %+v", r)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestJournalIsFoldedWhenItOutgrowsTheDocument commits more than a document may grow by and looks at the files meanwhile.
func TestJournalIsFoldedWhenItOutgrowsTheDocument(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "escape_state.json")
	store := openFile(t, path)
	session := mustLock(t, store)
	if err := session.Commit(ctx, Batch{Events: []Event{{Kind: RunStarted, Run: "r"}}}); err != nil {
		t.Fatal(err)
	}
	big := strings.Repeat("x", 100_000)
	var folds int
	var last int64
	for range 60 {
		if err := session.Commit(ctx, Batch{Changes: []Change{PutStatus{Address{"dev", Path{"a"}, ""}, DeployStage,
			Status{Code: RunningMain, UpdatedAt: time.Now(), Data: big}}}}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + ".journal")
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < last {
			folds++
		}
		if last = info.Size(); last > minFold+200_000 {
			t.Fatalf("the journal has %d bytes", last)
		}
		view, err := store.View(ctx)
		if err != nil || len(view.Runs) != 1 || len(view.Interrupted) != 0 {
			t.Fatalf("runs %v, interrupted %v, %v", view.Runs, view.Interrupted, err)
		}
	}
	if folds < 4 {
		t.Errorf("folded %d times", folds)
	}
	if err := session.Commit(ctx, Batch{Events: []Event{{Kind: RunEnded, Run: "r"}}}); err != nil {
		t.Fatal(err)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".journal"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("journal after the end: %v", err)
	}
}

func TestLeaseIsRenewedAndExpires(t *testing.T) {
	ctx := context.Background()
	clock := newTestClock()
	clock.armed = make(chan time.Duration, 100)
	m := newMemFS(clock)
	alive := true
	store := memStore(t, m, testMachine("boot", &alive))
	first := mustLock(t, store)
	for range 5 { // each renewal moves the end on
		if d := <-clock.armed; d != DefaultTTL/3 {
			t.Fatalf("renewed after %v", d)
		}
		clock.advance(DefaultTTL / 3)
	}
	<-clock.armed
	if _, err := store.Lock(ctx, Request{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("after %v: %v", clock.Now().Sub(epoch), err)
	}
	// A holder on another host that does not renew is believed until its lease is over, and no longer.
	elsewhere, err := OpenFile(memPath, Options{fs: m, Clock: clock, machine: &machine{host: "elsewhere", process: 1,
		state: func(int) (string, bool) { return "", false }}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := elsewhere.Lock(ctx, Request{}); !errors.Is(err, ErrLocked) {
		t.Fatalf("from another host: %v", err)
	}
	m.fail = func(_ int, kind string) error { // the first holder cannot renew any more
		if kind == "write" {
			return errPower
		}
		return nil
	}
	clock.advance(DefaultTTL)
	<-clock.armed
	m.fail = nil
	second, err := elsewhere.Lock(ctx, Request{})
	if err != nil {
		t.Fatalf("after expiry: %v", err)
	}
	if second.Lease().Fence <= first.Lease().Fence {
		t.Errorf("fence %d after %d", second.Lease().Fence, first.Lease().Fence)
	}
	// The renewals of both meet: who finds the file locked waits by the clock, which therefore has to go on.
	done := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() { // ends with the test
		for {
			select {
			case <-done:
				return
			case <-clock.armed:
			default:
				clock.advance(time.Second)
				runtime.Gosched()
			}
		}
	})
	defer ticking.Wait()
	defer close(done)
	<-first.Lost()
	if err := first.Commit(ctx, Batch{}); !errors.Is(err, ErrFenced) {
		t.Errorf("first holder: %v", err)
	}
	record(t, second, "a")
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestWaitingDoesNotTrustClocks waits for a holder whose clock is an hour ahead. Its lease counts as over once it was not
// renewed for as long as it lasts.
func TestWaitingDoesNotTrustClocks(t *testing.T) {
	clock := newTestClock()
	m := newMemFS(clock)
	alive := true
	gone := Lease{Fence: 3, Token: "t", Host: "elsewhere", Process: 1, Since: epoch.Add(time.Hour), Expires: epoch.Add(2 * time.Hour), TTL: time.Minute}
	m.names[memPath+".lock"] = &memInode{data: encodeLease(&gone)}
	clock.armed = make(chan time.Duration, 1000)
	store := memStore(t, m, testMachine("boot", &alive))
	got := make(chan error)
	go func() {
		_, err := store.Lock(context.Background(), Request{Wait: true})
		got <- err
	}()
	for {
		select {
		case err := <-got:
			if waited := clock.Now().Sub(epoch); err != nil || waited < time.Minute || waited > 2*time.Minute {
				t.Errorf("waited %v: %v", waited, err)
			}
			return
		case <-clock.armed:
			clock.advance(time.Second)
		}
	}
}

func TestUnreadableLock(t *testing.T) {
	ctx := context.Background()
	clock := newTestClock()
	for _, content := range []string{"hello", "{", `{"fence":1}`, "\x00\x00"} {
		m := newMemFS(clock)
		m.names[memPath+".lock"] = &memInode{data: []byte(content), modified: clock.Now()}
		alive := true
		store := memStore(t, m, testMachine("boot", &alive))
		if _, err := store.Lock(ctx, Request{}); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%q: %v", content, err)
		}
		if _, err := store.View(ctx); err != nil {
			t.Errorf("%q: %v", content, err)
		}
		clock.advance(DefaultTTL)
		session, err := store.Lock(ctx, Request{})
		if err != nil {
			t.Fatalf("%q: %v", content, err)
		}
		if err := session.Close(); err != nil {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestDeadHolder(t *testing.T) {
	self := thisMachine()
	mine := Lease{Host: self.host, Boot: self.boot, Namespace: self.namespace, Process: self.process, Started: self.started}
	if self.dead(&mine) {
		t.Error("this process is dead")
	}
	for name, change := range map[string]func(*Lease){
		"another host": func(l *Lease) { l.Host += "x"; l.Process = 1 << 22 },
		"before boot":  func(l *Lease) { l.Boot += "x"; l.Process = 1 << 22 },
		"container":    func(l *Lease) { l.Namespace += "x"; l.Process = 1 << 22 },
	} {
		l := mine
		if change(&l); self.dead(&l) {
			t.Errorf("%s: nobody can know that it is dead", name)
		}
	}
	if self.started == "" {
		t.Skip("this system does not tell when a process started")
	}
	for name, change := range map[string]func(*Lease){
		"no such process": func(l *Lease) { l.Process = 1<<22 + 1 },
		"number reused":   func(l *Lease) { l.Started += "0" },
	} {
		l := mine
		if change(&l); !self.dead(&l) {
			t.Errorf("%s: dead, but not noticed", name)
		}
	}
}

func TestCommitsShareSyncs(t *testing.T) {
	ctx := context.Background()
	clock := newTestClock()
	m := newMemFS(clock)
	syncs, block := 0, make(chan struct{})
	m.fail = func(_ int, kind string) error {
		if kind == "sync" {
			syncs++
		}
		return nil
	}
	alive := true
	session := mustLock(t, memStore(t, m, testMachine("boot", &alive)))
	record(t, session, "first")
	f := session.(*fileSession)
	f.syncMu.Lock() // a sync that takes its time
	before := syncs
	done := make(chan error)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		go func() {
			done <- session.Commit(ctx, Batch{Sync: true, Changes: []Change{PutStatus{Address{"dev", Path{name}, ""}, DeployStage, Status{Code: OK}}}})
		}()
	}
	go func() {
		for {
			f.mu.Lock()
			n := len(f.state.Environment("dev").Names())
			f.mu.Unlock()
			if n == 6 {
				close(block)
				return
			}
		}
	}()
	<-block // all five are written
	f.syncMu.Unlock()
	for range 5 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := syncs - before; n != 1 {
		t.Errorf("%d syncs for five commits", n)
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestCommitForLater commits what needs no sync of its own: the next one does for it, or Sync, which does nothing without need.
func TestCommitForLater(t *testing.T) {
	ctx := context.Background()
	m := newMemFS(newTestClock())
	syncs := 0
	m.fail = func(_ int, kind string) error {
		if kind == "sync" {
			syncs++
		}
		return nil
	}
	alive := true
	mach := testMachine("boot", &alive)
	session := mustLock(t, memStore(t, m, mach))
	record(t, session, "first")
	put := func(name string, sync bool) func() error {
		return func() error {
			return session.Commit(ctx, Batch{Later: true, Sync: sync, Changes: []Change{PutStatus{Address{"dev", Path{name}, ""}, DeployStage, Status{Code: OK}}}})
		}
	}
	for _, step := range []struct {
		name    string
		do      func() error
		syncs   int
		durable []string
	}{
		{"Sync of nothing", session.(*fileSession).Sync, 0, []string{"first"}},
		{"Later", put("a", false), 0, []string{"first"}},
		{"Later again", put("b", false), 0, []string{"first"}},
		{"Sync", session.(*fileSession).Sync, 1, []string{"a", "b", "first"}},
		{"Sync again", session.(*fileSession).Sync, 0, []string{"a", "b", "first"}},
		{"Later once more", put("c", false), 0, []string{"a", "b", "first"}},
		{"Later that syncs", put("d", true), 1, []string{"a", "b", "c", "d", "first"}},
		{"Sync after that", session.(*fileSession).Sync, 0, []string{"a", "b", "c", "d", "first"}},
	} {
		before := syncs
		if err := step.do(); err != nil {
			t.Fatal(step.name, err)
		}
		if n := syncs - before; n != step.syncs {
			t.Errorf("%s: %d syncs, want %d", step.name, n, step.syncs)
		}
		view, err := memStore(t, m.crash(lossAll), mach).View(ctx)
		if err != nil {
			t.Fatal(step.name, err)
		}
		if names := view.State.Environment("dev").Names(); !slices.Equal(names, step.durable) {
			t.Errorf("%s: a power cut leaves %q, want %q", step.name, names, step.durable)
		}
	}
	if err := session.Close(); err != nil {
		t.Fatal(err)
	}
}
