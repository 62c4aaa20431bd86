// Package lookup keeps answers to questions that take long, such as those to an Inventory, for callers that cannot wait.
package lookup

import (
	"context"
	"sync"
	"time"
)

// Options say whom a Keeper asks, and how patient it is. Zero values of the times and limits mean the defaults.
type Options[K comparable, V any] struct {
	// Ask finds an answer out. Its context ends after Timeout, or when the Keeper is closed.
	Ask func(ctx context.Context, key K) (V, error)
	// Wait is how long Get waits for an answer: 50 ms.
	Wait time.Duration
	// Fresh is how long an answer is good: 1 minute. An older one is given once more while it is asked again.
	Fresh time.Duration
	// Await makes Get wait for the next answer too where it has an old one, which it gives only if that does not come in time.
	Await bool
	// Timeout is how long a question may take: 5 s.
	Timeout time.Duration
	// Answers is how many answers are kept: 1,000. The one that was not wanted for the longest time goes first.
	Answers int
	// AtOnce is how many questions are asked at once: 4.
	AtOnce int
}

// How long a question that failed is not asked again: at first, doubled with each further failure, and at most.
const (
	firstPause = 2 * time.Second
	maxPause   = 2 * time.Minute
)

// maxWaiting is how many questions may wait until they are asked. Further ones are dropped: who still wants to know asks again.
const maxWaiting = 64

// A Keeper keeps the answers to questions. What it has it gives at once, even if it is old; what is old or missing it finds
// out beside its callers. Failures are not told: an answer is then unknown, or the last one stays.
//
// It may be used by several goroutines.
type Keeper[K comparable, V any] struct {
	o      Options[K, V]
	ctx    context.Context
	cancel context.CancelFunc
	asking chan struct{} // holds a token for each question that is being asked
	busy   sync.WaitGroup

	mu      sync.Mutex // guards the following
	answers map[K]*answer[V]
	waiting int // questions that are asked or wait for it
	closed  bool
}

type answer[V any] struct {
	value V
	known bool
	at    time.Time // when the value came
	used  time.Time
	// done is closed when the question that is on its way was answered; nil if none is.
	done chan struct{}
	// After a failure nothing is asked before next.
	next  time.Time
	pause time.Duration
}

// New returns a Keeper without answers. It must be closed.
func New[K comparable, V any](o Options[K, V]) *Keeper[K, V] {
	or(&o.Wait, 50*time.Millisecond)
	or(&o.Fresh, time.Minute)
	or(&o.Timeout, 5*time.Second)
	or(&o.Answers, 1000)
	or(&o.AtOnce, 4)
	k := &Keeper[K, V]{o: o, asking: make(chan struct{}, o.AtOnce), answers: map[K]*answer[V]{}}
	k.ctx, k.cancel = context.WithCancel(context.Background())
	return k
}

func or[T comparable](v *T, otherwise T) {
	var zero T
	if *v == zero {
		*v = otherwise
	}
}

// Close ends all questions and waits until they have.
func (k *Keeper[K, V]) Close() {
	k.mu.Lock()
	k.closed = true
	k.mu.Unlock()
	k.cancel()
	k.busy.Wait()
}

// Get returns the answer for a key. It reports false if there is none yet: the question may take longer than Wait, or have
// failed, or ctx has ended. Asking again later may help.
func (k *Keeper[K, V]) Get(ctx context.Context, key K) (V, bool) {
	k.mu.Lock()
	now := time.Now()
	a := k.answers[key]
	if a == nil {
		k.makeRoom()
		a = &answer[V]{}
		k.answers[key] = a
	}
	a.used = now
	stale := !a.known || now.Sub(a.at) >= k.o.Fresh
	if stale && a.done == nil && !now.Before(a.next) && k.waiting < maxWaiting && !k.closed {
		k.ask(key, a)
	}
	value, known, done := a.value, a.known, a.done
	k.mu.Unlock()
	if done == nil || known && !(stale && k.o.Await) {
		return value, known
	}
	timer := time.NewTimer(k.o.Wait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	case <-ctx.Done():
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return a.value, a.known
}

// Forget lets go of all answers. Those of questions that are on their way are not kept either.
func (k *Keeper[K, V]) Forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.answers = map[K]*answer[V]{}
}

// ask asks beside the caller, who holds the lock.
func (k *Keeper[K, V]) ask(key K, a *answer[V]) {
	a.done = make(chan struct{})
	k.waiting++
	k.busy.Go(func() {
		value, err := k.result(key)
		k.mu.Lock()
		defer k.mu.Unlock()
		k.waiting--
		close(a.done)
		a.done = nil
		if err != nil {
			a.pause = min(max(2*a.pause, firstPause), maxPause)
			a.next = time.Now().Add(a.pause)
			return
		}
		a.value, a.known, a.at = value, true, time.Now()
		a.pause, a.next = 0, time.Time{}
	})
}

func (k *Keeper[K, V]) result(key K) (v V, err error) {
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-k.ctx.Done():
		return v, k.ctx.Err()
	}
	ctx, cancel := context.WithTimeout(k.ctx, k.o.Timeout)
	defer cancel()
	return k.o.Ask(ctx, key)
}

// makeRoom drops the answer that nobody wanted for the longest time if there are too many. The caller holds the lock.
func (k *Keeper[K, V]) makeRoom() {
	if len(k.answers) < k.o.Answers {
		return
	}
	var oldest K
	var when time.Time
	for key, a := range k.answers {
		if when.IsZero() || a.used.Before(when) {
			oldest, when = key, a.used
		}
	}
	delete(k.answers, oldest)
}
