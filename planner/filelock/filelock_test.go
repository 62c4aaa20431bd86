package filelock

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTryLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	try := func(f *os.File, want bool, when string) {
		t.Helper()
		if ok, err := TryLock(f); ok != want || err != nil {
			t.Errorf("TryLock %s = %t, %v, want %t", when, ok, err, want)
		}
	}
	a, b := open(), open()
	try(a, true, "of a free file")
	try(b, false, "of a locked file")
	if err := Unlock(a); err != nil {
		t.Fatal(err)
	}
	try(b, true, "after Unlock")
	try(a, false, "after the other took it")
	b.Close()
	try(a, true, "after the other was closed")
	a.Close()
	if ok, err := TryLock(a); ok || err == nil {
		t.Errorf("TryLock of a closed file = %t, %v", ok, err)
	}
}

func TestSyncDir(t *testing.T) {
	dir := t.TempDir()
	if err := SyncDir(dir); err != nil {
		t.Errorf("SyncDir: %v", err)
	}
}
