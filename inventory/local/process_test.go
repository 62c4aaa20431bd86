package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
)

// childVariable makes the test binary do what its arguments say instead of running tests.
const childVariable = "ESCAPE_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := child(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// command returns a process that does what child says.
func command(t *testing.T, what, base string, n int) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, what, base, strconv.Itoa(n))
	cmd.Env = append(os.Environ(), childVariable+"=1", "GORACE=atexit_sleep_ms=10")
	cmd.Stderr = os.Stderr
	return cmd
}

// child is a process of its own.
func child(what, base, number string) error {
	ctx := context.Background()
	n, err := strconv.Atoi(number)
	if err != nil {
		return err
	}
	switch what {
	case "publish", "reserve and publish": // and die at the n-th step
		steps := 0
		o := options
		o.at = func(string) error {
			if steps++; steps == n {
				return die()
			}
			return nil
		}
		return releaseOne(ctx, Open(base, o), what != "publish", filepath.Join(base, "..", "package"))
	case "hold": // a reservation until standard input ends
		v, _, err := Open(base, options).Reserve(ctx, "demo", "hello", "")
		if err != nil {
			return err
		}
		fmt.Println(v)
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	case "releases": // n of them
		inv := Open(base, options)
		for range n {
			if err := releaseNext(ctx, inv, filepath.Join(base, "..", "package")); err != nil {
				return err
			}
		}
	}
	return nil
}

// die ends the process as kill -9 does.
func die() error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Kill(); err != nil {
		return err
	}
	select {}
}

// releaseOne publishes version 2 of demo/hello.
func releaseOne(ctx context.Context, inv *Inventory, reserve bool, archive string) error {
	if reserve {
		v, end, err := inv.Reserve(ctx, "demo", "hello", "")
		if err != nil {
			return err
		}
		defer end()
		if v != "2" {
			return fmt.Errorf("reserved %s, want 2", v)
		}
	}
	return inv.Publish(ctx, metadata("demo", "hello", "2"), archive)
}

// releaseNext publishes the next version of demo/hello.
func releaseNext(ctx context.Context, inv *Inventory, archive string) error {
	v, end, err := inv.Reserve(ctx, "demo", "hello", "")
	if err != nil {
		return err
	}
	defer end()
	return inv.Publish(ctx, metadata("demo", "hello", string(v)), archive)
}

// prepare makes an Inventory to which releaseOne adds, beside the archive "package". It has version 1 of demo/hello, from
// us or from the original, or is not there at all.
func prepare(t *testing.T, from string) (base string) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "package"), "of two")
	base = filepath.Join(dir, "inventory")
	switch from {
	case "us":
		publish(t, Open(base, options), "demo/hello-v1")
	case "the original":
		write(t, filepath.Join(base, "demo", "hello", "index.json"), `{"versions":{"1":`+fmt.Sprintf(compact, "1")+`}}`)
		write(t, filepath.Join(base, "demo", "hello", "hello-v1.tgz"), "demo/hello-v1")
	}
	return base
}

// TestSteps shows what a release does and in which order: what the index names is durable before it does so.
func TestSteps(t *testing.T) {
	var steps []string
	o := options
	o.at = func(step string) error { steps = append(steps, step); return nil }
	base := filepath.Join(t.TempDir(), "inventory")
	if err := Open(base, o).Publish(context.Background(), metadata("demo", "hello", "2"), archive(t, "x")); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"make folders",
		"reserve", "sync folder .escape", "sync folder hello",
		"sync folder reserved",
		"write hello-v2.tgz", "sync hello-v2.tgz", "rename hello-v2.tgz",
		"write hello-v2.json", "sync hello-v2.json", "rename hello-v2.json",
		"sync folder hello",
		"write index.json", "sync index.json", "rename index.json",
		"sync folder hello", "sync folder demo", "sync folder inventory", "sync folder " + filepath.Base(filepath.Dir(base)),
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// checkWhole checks that version 2 is there as a whole, for us and for the original, or not at all, and that version 1 is
// as it was. It returns whether 2 is there.
func checkWhole(t *testing.T, from, base string) bool {
	t.Helper()
	ctx, inv := context.Background(), Open(base, options)
	versions, err := inv.Versions(ctx, "demo", "hello")
	if from != "nobody" {
		if got, err := download(inv, id(t, "demo/hello-v1")); got != "demo/hello-v1" || err != nil {
			t.Errorf("version 1 is %q, %v", got, err)
		}
	} else if errors.Is(err, inventory.ErrNotFound) {
		err = nil
	}
	if err != nil {
		t.Fatal(err)
	}
	two := id(t, "demo/hello-v2")
	m, err := inv.Metadata(ctx, two)
	if !slices.Contains(versions, "2") {
		if !errors.Is(err, inventory.ErrNotFound) {
			t.Errorf("Metadata of what was not released: %v, %v", m, err)
		}
		if got, err := download(inv, two); got != "" || !errors.Is(err, inventory.ErrNotFound) {
			t.Errorf("Download of what was not released: %q, %v", got, err)
		}
		return false
	}
	if err != nil || cmp.Diff(m, metadata("demo", "hello", "2")) != "" {
		t.Errorf("Metadata: %v, %v", m, err)
	}
	if got, err := download(inv, two); got != "of two" || err != nil {
		t.Errorf("Download: %q, %v", got, err)
	}
	if m, err := release.ReadFile(filepath.Join(base, "demo", "hello", "hello-v2.json")); err != nil || m.Version != "2" {
		t.Errorf("the file of the metadata: %v, %v", m, err)
	}
	return true
}

// TestKilled kills a process at each step of a release.
func TestKilled(t *testing.T) {
	for _, c := range []struct {
		what, from string
		next       release.Version
	}{{"publish", "nobody", "0"}, {"publish", "the original", "2"}, {"reserve and publish", "us", "2"}} {
		for n, ended := 1, false; !ended; n++ {
			base := prepare(t, c.from)
			err := command(t, c.what, base, n).Run()
			if ended = err == nil; !ended && !strings.Contains(err.Error(), "kill") {
				t.Fatalf("%s, killed at step %d: %v", c.what, n, err)
			}
			there := checkWhole(t, c.from, base)
			if ended && !there {
				t.Errorf("%s: not there after its end", c.what)
			}
			// The dead process keeps nothing: the next version is what it would have been.
			inv, want := Open(base, options), c.next
			if there {
				want = "3"
			}
			v, end, err := inv.Reserve(context.Background(), "demo", "hello", "")
			if v != want || err != nil {
				t.Fatalf("%s, killed at step %d: Reserve = %s, %v, want %s", c.what, n, v, err, want)
			}
			end()
			if there {
				continue
			}
			checkWhole(t, c.from, base)
			if err := releaseOne(context.Background(), inv, false, filepath.Join(base, "..", "package")); err != nil {
				t.Errorf("%s, killed at step %d: second try: %v", c.what, n, err)
			}
			if !checkWhole(t, c.from, base) {
				t.Errorf("%s, killed at step %d: not there after a second try", c.what, n)
			}
		}
	}
}

// TestFaults lets each step of a release fail.
func TestFaults(t *testing.T) {
	fault := errors.New("disk is full")
	for _, reserve := range []bool{true, false} {
		for n, ended := 1, false; !ended; n++ {
			base := prepare(t, "us")
			before := tree(t, base)
			steps, failed := 0, ""
			o := options
			o.at = func(step string) error {
				if steps++; steps == n {
					failed = step
					return fault
				}
				return nil
			}
			inv, archive := Open(base, o), filepath.Join(base, "..", "package")
			err := releaseOne(context.Background(), inv, reserve, archive)
			if ended = failed == ""; ended != (err == nil) || !ended && (!errors.Is(err, fault) || !errors.Is(err, &inventory.Error{Code: inventory.Unavailable})) {
				t.Fatalf("step %d, %s: %v", n, failed, err)
			}
			if checkWhole(t, "us", base) {
				continue
			}
			if diff := cmp.Diff(before, tree(t, base)); diff != "" {
				t.Errorf("%s failed and left something (-before +after):\n%s", failed, diff)
			}
			if err := releaseOne(context.Background(), inv, reserve, archive); err != nil || !checkWhole(t, "us", base) {
				t.Errorf("%s failed; second try: %v", failed, err)
			}
		}
	}
}

// TestHalf checks what becomes of a release that the original wrote to half: it knows it by its metadata, the index does
// not. It is replaced, and a failure does not mix the two.
func TestHalf(t *testing.T) {
	ctx, fault := context.Background(), errors.New("disk is full")
	for _, c := range []struct{ fail, want string }{
		{"reserve", "half"},
		{"sync folder reserved", "half"},
		{"rename hello-v2.tgz", "half"},
		{"write hello-v2.json", ""},
		{"rename index.json", ""},
		{"", "of two"},
	} {
		base := prepare(t, "us")
		write(t, filepath.Join(base, "demo", "hello", "hello-v2.json"), fmt.Sprintf(compact, "2"))
		write(t, filepath.Join(base, "demo", "hello", "hello-v2.tgz"), "half")
		o := options
		o.at = func(step string) error {
			if step == c.fail {
				return fault
			}
			return nil
		}
		inv := Open(base, o)
		if v, end, err := inv.Reserve(ctx, "demo", "hello", ""); c.fail != "reserve" && (v != "2" || err != nil) {
			t.Fatalf("Reserve = %s, %v", v, err)
		} else if err == nil {
			end()
		}
		if got, err := download(inv, id(t, "demo/hello-v2")); got != "half" || err != nil {
			t.Errorf("Download of the half release = %q, %v", got, err)
		}
		if err := releaseOne(ctx, inv, false, filepath.Join(base, "..", "package")); (c.fail == "") != (err == nil) {
			t.Errorf("%s: %v", c.fail, err)
		}
		if got, err := download(inv, id(t, "demo/hello-v2")); got != c.want || (c.want == "") != errors.Is(err, inventory.ErrNotFound) {
			t.Errorf("%s failed: Download = %q, %v, want %q", c.fail, got, err, c.want)
		}
	}
}

// TestRetry checks that a reservation outlasts a failed Publish.
func TestRetry(t *testing.T) {
	ctx, base, fault := context.Background(), t.TempDir(), errors.New("disk is full")
	var fail string
	o := options
	o.at = func(step string) error {
		if step == fail {
			return fault
		}
		return nil
	}
	inv, other := Open(base, o), Open(base, options)
	v, end, err := inv.Reserve(ctx, "demo", "hello", "1.")
	if err != nil {
		t.Fatal(err)
	}
	fail = "write index.json"
	if err := inv.Publish(ctx, metadata("demo", "hello", string(v)), archive(t, "x")); !errors.Is(err, fault) {
		t.Fatal(err)
	}
	if v, end, err := other.Reserve(ctx, "demo", "hello", "1."); v != "1.1" || err != nil {
		t.Errorf("Reserve beside a failed Publish = %s, %v", v, err)
	} else {
		end()
	}
	fail = ""
	if err := inv.Publish(ctx, metadata("demo", "hello", string(v)), archive(t, "x")); err != nil {
		t.Error(err)
	}
	end()
	if v, err := other.NextVersion(ctx, "demo", "hello", "1."); v != "1.1" || err != nil {
		t.Errorf("NextVersion = %s, %v", v, err)
	}
}

// TestHeld checks that a version which another process reserved is nobody else's until that process dies.
func TestHeld(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	cmd := command(t, "hold", base, 0)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if line != "0\n" || err != nil {
		t.Fatalf("the process reserved %q, %v", line, err)
	}
	inv := Open(base, options)
	v, end, err := inv.Reserve(ctx, "demo", "hello", "")
	if v != "1" || err != nil {
		t.Errorf("Reserve = %s, %v, want 1", v, err)
	}
	end()
	err = inv.Publish(ctx, metadata("demo", "hello", "0"), archive(t, "x"))
	host, _ := os.Hostname()
	want := fmt.Sprintf("Could not add release to local inventory at %s/demo/hello/index.json. Version 0 is being released by process %d on %s, since ", base, cmd.Process.Pid, host)
	if !errors.Is(err, inventory.ErrConflict) || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("Publish of a version that is reserved: %v, want %s", err, want)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if v, end, err = inv.Reserve(ctx, "demo", "hello", ""); v != "0" || err != nil {
		t.Errorf("Reserve after the death of the other = %s, %v, want 0", v, err)
	}
	end()
	if names, err := inv.Namespaces(ctx); len(names) > 0 || err != nil {
		t.Errorf("Namespaces = %v, %v after nothing was released", names, err)
	}
}

// TestProcesses lets processes release the next version of a package again and again, while others look and tag.
func TestProcesses(t *testing.T) {
	const processes, each = 3, 70
	dir := t.TempDir()
	write(t, filepath.Join(dir, "package"), "content")
	base := filepath.Join(dir, "inventory")
	ctx, inv := context.Background(), Open(base, options)
	var group sync.WaitGroup
	for range processes {
		cmd := command(t, "releases", base, each)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			if err := cmd.Wait(); err != nil {
				t.Errorf("process: %v", err)
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	for tagged := release.Version(""); ; {
		select {
		case <-done:
			checkDense(t, inv, processes*each)
			if tagged == "" {
				return
			}
			// Nothing that was written in between undid the tag.
			if m, err := inv.Metadata(ctx, id(t, "demo/hello:seen")); err != nil || release.Version(m.Version) != tagged {
				t.Errorf("the tag is on %v, %v, want %s", m, err, tagged)
			}
			return
		default:
		}
		m, err := inv.Metadata(ctx, id(t, "demo/hello-latest"))
		if errors.Is(err, inventory.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, err := download(inv, m.ID()); got != "content" || err != nil {
			t.Errorf("Download(%s) = %q, %v", m.ID(), got, err)
		}
		if err := inv.Tag(ctx, m.ID(), "seen"); err != nil {
			t.Fatal(err)
		}
		tagged = release.Version(m.Version)
	}
}

// checkDense checks that there are the versions 0 to n-1.
func checkDense(t *testing.T, inv *Inventory, n int) {
	t.Helper()
	got, err := inv.Versions(context.Background(), "demo", "hello")
	var want []release.Version
	for i := n - 1; i >= 0; i-- {
		want = append(want, release.Version(strconv.Itoa(i)))
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("versions (-want +got):\n%s%v", diff, err)
	}
	left, err := os.ReadDir(filepath.Join(inv.Location(), "demo", "hello", ".escape", "reserved"))
	if err != nil || len(left) > 0 {
		t.Errorf("reservations that are left: %v, %v", left, err)
	}
}

// TestGoroutines does the same within one process, by one Inventory value and by several.
func TestGoroutines(t *testing.T) {
	const goroutines, each = 6, 10
	base, file := t.TempDir(), archive(t, "x")
	shared := Open(base, options)
	var group sync.WaitGroup
	for i := range goroutines {
		inv := shared
		if i%2 == 0 {
			inv = Open(base, options)
		}
		group.Go(func() {
			for range each {
				if err := releaseNext(context.Background(), inv, file); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	checkDense(t, shared, goroutines*each)
	if len(shared.reserved) > 0 {
		t.Errorf("reservations that are remembered: %v", shared.reserved)
	}
}

// TestRelease checks what becomes of reservations that are not used.
func TestRelease(t *testing.T) {
	ctx, base := context.Background(), t.TempDir()
	inv := Open(base, options)
	reserve := func(pattern release.Pattern, want release.Version) func() {
		t.Helper()
		v, end, err := inv.Reserve(ctx, "demo", "hello", pattern)
		if v != want || err != nil {
			t.Fatalf("Reserve(%s) = %s, %v, want %s", pattern, v, err, want)
		}
		return end
	}
	a := reserve("", "0")
	b := reserve("", "1")
	c := reserve("1.", "1.0") // "1" does not begin with "1."
	d := reserve("", "2")
	if v, err := inv.NextVersion(ctx, "demo", "hello", ""); v != "0" || err != nil {
		t.Errorf("NextVersion = %s, %v; reservations must not count", v, err)
	}
	b()
	b()
	reserve("", "3")() // 2 is the greatest
	d()
	reserve("1.", "1.1")()
	e := reserve("", "2")
	d() // it must not end the one of e
	reserve("", "3")()
	for _, end := range []func(){a, c, e} {
		end()
	}
	if files := tree(t, base); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
	for _, c := range []struct {
		namespace, name string
		pattern         release.Pattern
	}{{"..", "hello", ""}, {"demo", "a/b", ""}, {"demo", "hello", "../"}, {"demo", "hello", "1"}} {
		if v, _, err := inv.Reserve(ctx, c.namespace, c.name, c.pattern); !errors.Is(err, &inventory.Error{Code: inventory.Invalid}) {
			t.Errorf("Reserve(%q, %q, %q) = %s, %v", c.namespace, c.name, c.pattern, v, err)
		}
	}
	if files := tree(t, base); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}

// TestWait checks that waiting for the lock of a package ends with the context, and that questions do not wait.
func TestWait(t *testing.T) {
	base := t.TempDir()
	inv := Open(base, options)
	publish(t, inv, "demo/hello-v1")
	p, err := inv.pkg("demo", "hello")
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.lock(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer l.unlock()
	ctx, cancel := context.WithCancel(context.Background())
	o := options
	o.at = func(string) error { cancel(); return nil } // it is about to look at the lock
	err = Open(base, o).Tag(ctx, id(t, "demo/hello-v1"), "x")
	want := "The application 'demo/hello' in the local inventory at " + base + " is being changed by another process: context canceled"
	if err == nil || err.Error() != want || !errors.Is(err, context.Canceled) {
		t.Errorf("Tag of a package that is locked: %v, want %s", err, want)
	}
	if got := ask(context.Background(), t, inv, "download demo/hello-v1"); got != "demo/hello-v1" {
		t.Errorf("download from a package that is locked = %s", got)
	}
}

// TestReservations takes and gives back reservations, so that lock and folders come and go all the time. No version may
// be somebody's twice.
func TestReservations(t *testing.T) {
	const goroutines, each = 8, 40
	base := t.TempDir()
	var mu sync.Mutex
	taken := map[release.Version]bool{}
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			inv := Open(base, options)
			for range each {
				v, end, err := inv.Reserve(context.Background(), "demo", "hello", "")
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				if taken[v] {
					t.Errorf("%s is taken twice", v)
				}
				taken[v] = true
				mu.Unlock()
				runtime.Gosched()
				mu.Lock()
				delete(taken, v)
				mu.Unlock()
				end()
			}
		})
	}
	group.Wait()
	// The last two may have left the folders to each other.
	_, end, err := Open(base, options).Reserve(context.Background(), "demo", "hello", "")
	if err != nil {
		t.Fatal(err)
	}
	end()
	if files := tree(t, base); len(files) != 1 {
		t.Errorf("left behind: %v", files)
	}
}
