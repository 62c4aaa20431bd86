package state

import (
	"slices"
	"time"
)

// A StatusCode says where a stage is.
type StatusCode string

// The status codes, with the texts of the original. Pending codes are requests which converge serves.
const (
	Empty              StatusCode = "empty"
	Pending            StatusCode = "pending"
	RunningPre         StatusCode = "running_pre_step"
	RunningMain        StatusCode = "running_main_step"
	RunningPost        StatusCode = "running_post_step"
	Failure            StatusCode = "failure"
	OK                 StatusCode = "ok"
	TestPending        StatusCode = "test_pending"
	RunningTest        StatusCode = "running_test_step"
	TestFailure        StatusCode = "test_failure"
	DestroyPending     StatusCode = "destroy_pending"
	DestroyAndDelete   StatusCode = "destroy_and_delete_pending"
	RunningPreDestroy  StatusCode = "running_pre_destroy_step"
	RunningMainDestroy StatusCode = "running_main_destroy_step"
	RunningPostDestroy StatusCode = "running_post_destroy_step"
	DestroyFailure     StatusCode = "destroy_failure"
)

// A StatusGroup is the coarse meaning of a status code.
type StatusGroup string

// The groups. A code we do not know counts as running, as in the original.
const (
	GroupOK      StatusGroup = "ok"
	GroupRunning StatusGroup = "running"
	GroupError   StatusGroup = "error"
)

// Group returns the coarse meaning of c.
func (c StatusCode) Group() StatusGroup {
	switch c {
	case Empty, Pending, OK:
		return GroupOK
	case Failure, TestFailure, DestroyFailure:
		return GroupError
	default:
		return GroupRunning
	}
}

// Active reports whether c says that a step is being executed right now. Unlike GroupRunning it leaves out the
// requests (test_pending and the like) and codes we do not know.
func (c StatusCode) Active() bool {
	switch c {
	case RunningPre, RunningMain, RunningPost, RunningTest, RunningPreDestroy, RunningMainDestroy, RunningPostDestroy:
		return true
	}
	return false
}

// transitions says which code may follow which. The original consults it only in converge: everything else may
// overwrite any status by any other.
var transitions = map[StatusCode][]StatusCode{
	Empty:              {Pending},
	Pending:            {RunningPre},
	OK:                 {RunningPre, RunningTest, DestroyPending, DestroyAndDelete, TestPending, Pending, RunningPreDestroy},
	Failure:            {RunningPre, Pending, DestroyPending, DestroyAndDelete, RunningPreDestroy},
	TestFailure:        {RunningTest, RunningPre, DestroyPending, DestroyAndDelete, TestPending, Pending, RunningPreDestroy},
	DestroyFailure:     {RunningPreDestroy, DestroyPending, DestroyAndDelete, Pending, RunningPre},
	RunningPre:         {RunningMain, Failure},
	RunningMain:        {RunningPost, Failure},
	RunningPost:        {RunningTest, OK, Failure},
	RunningTest:        {OK, TestFailure},
	DestroyPending:     {RunningPreDestroy},
	DestroyAndDelete:   {RunningPreDestroy},
	RunningPreDestroy:  {RunningMainDestroy, DestroyFailure},
	RunningMainDestroy: {RunningPostDestroy, DestroyFailure},
	RunningPostDestroy: {Empty, DestroyFailure},
	TestPending:        nil,
}

// CanBecome reports whether the table of transitions lets next follow c.
func (c StatusCode) CanBecome(next StatusCode) bool { return slices.Contains(transitions[c], next) }

// Next returns the codes that may follow c, in the order of the table.
func (c StatusCode) Next() []StatusCode { return slices.Clone(transitions[c]) }

// A Status is where a stage is since when. A new status replaces the old one as a whole; only converge edits one.
type Status struct {
	Code       StatusCode
	UpdatedAt  time.Time
	UpdatedBy  string
	Data       string    // error text of a failure
	TryAgainAt time.Time // set by converge only; zero if not set
	Tried      int       // failed retries, counted by converge only
	Extra      map[string]any
}

// Interrupted is the text in Status.Data of a stage whose run was interrupted and could still say so.
const Interrupted = "Interrupted"
