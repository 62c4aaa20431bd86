package state

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

func (f osFile) tryLock() (bool, error) {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, lockRange())
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return false, nil
	}
	if err != nil {
		return false, &os.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return true, nil
}

func (f osFile) unlock() error {
	return windows.UnlockFileEx(windows.Handle(f.Fd()), 0, 1, 0, lockRange())
}

// lockRange is one byte far behind the content: locked bytes cannot be read by others.
func lockRange() *windows.Overlapped { return &windows.Overlapped{Offset: 1 << 30} }

// syncDir does nothing: Windows makes names durable by itself.
func (osFS) syncDir(string) error { return nil }
