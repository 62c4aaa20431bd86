package lookup

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestFirstAnswer shows that a quick first answer is waited for, and a slow one is there the next time.
func TestFirstAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := map[string]time.Duration{"quick": 10 * time.Millisecond, "slow": time.Second}
		k := New(Options[string, string]{Ask: func(_ context.Context, key string) (string, error) {
			time.Sleep(took[key])
			return key + "!", nil
		}})
		defer k.Close()
		start := time.Now()
		if v, ok := k.Get(t.Context(), "quick"); v != "quick!" || !ok || time.Since(start) != 10*time.Millisecond {
			t.Errorf("got %q, %v after %v", v, ok, time.Since(start))
		}
		start = time.Now()
		if v, ok := k.Get(t.Context(), "slow"); ok || time.Since(start) != 50*time.Millisecond {
			t.Errorf("got %q, %v after %v", v, ok, time.Since(start))
		}
		time.Sleep(2 * time.Second)
		start = time.Now()
		if v, ok := k.Get(t.Context(), "slow"); v != "slow!" || !ok || time.Since(start) != 0 {
			t.Errorf("got %q, %v after %v", v, ok, time.Since(start))
		}
	})
}

// TestAwait shows that the next answer is waited for if that is wanted, and the old one given if it takes too long.
func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := make(chan time.Duration, 3)
		n := 0
		k := New(Options[string, int]{Await: true, Ask: func(context.Context, string) (int, error) {
			time.Sleep(<-took)
			n++
			return n, nil
		}})
		defer k.Close()
		for i, c := range []struct {
			took time.Duration
			want int
		}{{0, 1}, {10 * time.Millisecond, 2}, {time.Second, 2}} {
			took <- c.took
			start := time.Now()
			if v, ok := k.Get(t.Context(), "a"); v != c.want || !ok || time.Since(start) != min(c.took, 50*time.Millisecond) {
				t.Errorf("%d: got %v, %v after %v; want %v", i, v, ok, time.Since(start), c.want)
			}
			time.Sleep(time.Minute)
		}
	})
}

// TestOldAnswer shows that an old answer is given at once while it is asked again, once.
func TestOldAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		k := New(Options[string, int32]{Ask: func(context.Context, string) (int32, error) {
			n := asked.Add(1)
			if n > 1 {
				time.Sleep(time.Second)
			}
			return n, nil
		}})
		defer k.Close()
		k.Get(t.Context(), "a")
		time.Sleep(time.Minute)
		for range 3 {
			if v, ok := k.Get(t.Context(), "a"); v != 1 || !ok {
				t.Errorf("got %v, %v; want the old answer", v, ok)
			}
		}
		time.Sleep(2 * time.Second)
		if v, _ := k.Get(t.Context(), "a"); v != 2 || asked.Load() != 2 {
			t.Errorf("got %v after %v questions", v, asked.Load())
		}
	})
}

// TestFailures shows that failures are not asked again at once, ever less often, and leave the last answer.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		var works atomic.Bool
		k := New(Options[string, string]{Fresh: time.Second, Ask: func(context.Context, string) (string, error) {
			if asked.Add(1); !works.Load() {
				return "", errors.New("no network")
			}
			return "yes", nil
		}})
		defer k.Close()
		for range 600 {
			if v, ok := k.Get(t.Context(), "a"); v != "" || ok {
				t.Fatalf("got %q, %v", v, ok)
			}
			time.Sleep(time.Second)
		}
		if n := asked.Load(); n < 5 || n > 12 {
			t.Errorf("asked %d times in ten minutes", n)
		}
		works.Store(true)
		time.Sleep(maxPause)
		k.Get(t.Context(), "a")
		works.Store(false)
		time.Sleep(10 * time.Second)
		k.Get(t.Context(), "a")
		time.Sleep(time.Second)
		if v, ok := k.Get(t.Context(), "a"); v != "yes" || !ok {
			t.Errorf("got %q, %v; want the last answer", v, ok)
		}
	})
}

// TestPatience shows that a caller who leaves does not end the question, and that a question ends after its time.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := New(Options[string, string]{Ask: func(ctx context.Context, key string) (string, error) {
			if key == "never" {
				<-ctx.Done()
				return "", ctx.Err()
			}
			time.Sleep(20 * time.Millisecond)
			return "yes", nil
		}})
		defer k.Close()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, ok := k.Get(ctx, "a"); ok {
			t.Error("an answer came before it was there")
		}
		time.Sleep(30 * time.Millisecond)
		if v, ok := k.Get(ctx, "a"); v != "yes" || !ok {
			t.Errorf("got %q, %v", v, ok)
		}
		k.Get(t.Context(), "never")
		time.Sleep(6 * time.Second)
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.waiting != 0 {
			t.Error("a question has no end")
		}
	})
}

// TestBounds shows how many answers are kept, and how many questions are asked at once and wait.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most, all atomic.Int32
		k := New(Options[int, int]{Answers: 10, Ask: func(_ context.Context, key int) (int, error) {
			all.Add(1)
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer now.Add(-1)
			time.Sleep(time.Second)
			return key, nil
		}})
		defer k.Close()
		var callers sync.WaitGroup
		for i := range 200 {
			callers.Go(func() { k.Get(t.Context(), i) })
		}
		callers.Wait()
		time.Sleep(time.Minute)
		if most.Load() != 4 || all.Load() != maxWaiting || len(k.answers) != 10 {
			t.Errorf("%d at once, %d questions, %d answers kept", most.Load(), all.Load(), len(k.answers))
		}
	})
}

// TestForget shows that an answer to a question from before is not kept.
func TestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var said atomic.Value
		said.Store("old")
		k := New(Options[string, string]{Ask: func(context.Context, string) (string, error) {
			answer := said.Load().(string)
			time.Sleep(time.Second)
			return answer, nil
		}})
		defer k.Close()
		k.Get(t.Context(), "a")
		said.Store("new")
		k.Forget()
		k.Get(t.Context(), "a")
		time.Sleep(2 * time.Second)
		if v, ok := k.Get(t.Context(), "a"); v != "new" || !ok {
			t.Errorf("got %q, %v", v, ok)
		}
	})
}

// TestClose shows that nothing goes on after Close, and that nothing is asked any more.
func TestClose(t *testing.T) {
	k := New(Options[string, string]{Wait: time.Millisecond, Ask: func(ctx context.Context, _ string) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}})
	k.Get(t.Context(), "a")
	k.Close()
	if _, ok := k.Get(t.Context(), "b"); ok {
		t.Error("an answer came after Close")
	}
}
