package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/state"
)

const convergeSection = "Converge"

func (a *app) newRunConverge() *cobra.Command {
	f := &workFlags{}
	var refresh bool
	cmd := &cobra.Command{
		Use:   "converge",
		Short: "Bring all deployments of an environment into the state asked for.",
		Long: `Bring all deployments of an environment into the state asked for.

Providers come before their consumers. What is pending is deployed, tested or destroyed; what failed is tried again, each
time after a longer pause. It goes through the environment once: run it again and again.`,
		Args:        noArgs,
		Annotations: map[string]string{logsAreResult: "yes"},
	}
	f.planStateFlags.add(cmd)
	f.lockTimeout.add(cmd)
	cmd.Flags().BoolVar(&refresh, "refresh", false, "Deploy again also what is well")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		for _, name := range []string{"plan", "deployment"} {
			if cmd.Flags().Changed(name) {
				a.warning(fmt.Sprintf("--%s has no effect: all deployments of the environment are looked at", name))
			}
		}
		f.deployment = ""
		w, err := a.newReleaseWork(f)
		if err != nil {
			return err
		}
		session, err := w.lock(cmd.Context(), cmd.CommandPath())
		if err != nil {
			return err
		}
		c := &convergence{work: w, session: session, refresh: refresh, failed: map[string]bool{}}
		return also(c.run(cmd.Context()), session.Close())
	}
	return cmd
}

// A convergence is one pass over an environment.
type convergence struct {
	*work
	session state.Session
	refresh bool
	failed  map[string]bool // deployments that could not be brought to where they should be
}

// run visits the deployments, providers before consumers. What depends on one that failed is left out; the rest goes on.
func (c *convergence) run(ctx context.Context) error {
	var errs []error
	s := c.session.State()
	if note, likely := emptyEnvironment(s, c.environment); likely {
		c.app.warning(note, convergeSection)
	}
	told := map[string]bool{} // of a circle each member tells the same
	for _, m := range planner.Members(s.Environment(c.environment)) {
		if ctx.Err() != nil {
			break
		}
		err := m.Err
		if err == nil {
			if needed := c.failedProvider(m); needed != "" {
				c.failed[m.Name] = true
				c.app.warning(fmt.Sprintf("%s is left as it is, because %s failed", m.Name, needed), convergeSection)
				continue
			}
			err = c.visit(ctx, m.Name)
		}
		if err == nil {
			continue
		}
		c.failed[m.Name] = true
		if m.Err != nil && told[err.Error()] {
			continue
		}
		told[err.Error()] = true
		var status *statusError
		if errors.As(err, &status) { // interrupted
			return &statusError{status.status, errors.Join(append(errs, err)...)}
		}
		errs = append(errs, in(bareSections(err), convergeSection))
	}
	return errors.Join(errs...)
}

// bareSections returns an error as it reads outside of the sections in which it happened.
func bareSections(err error) error {
	r := (*reported)(nil)
	if !errors.As(err, &r) {
		return err
	}
	bare := *r
	bare.sections = nil
	return &bare
}

func (c *convergence) failedProvider(m planner.Member) string {
	for _, name := range m.Needs {
		if c.failed[name] {
			return name
		}
	}
	return ""
}

// A duty is what is done about a deployment with some status.
type duty struct {
	key    string // of the log entry
	action *planner.Action
}

// retries are the duties for statuses of failure, and for those of runs that did not come to their end.
var retries = map[state.StatusCode]duty{
	state.Failure:        {"converge.deploy_retry", planner.ActionDeploy},
	state.TestFailure:    {"converge.test_retry", planner.ActionSmoke},
	state.DestroyFailure: {"converge.destroy_retry", planner.ActionDestroy},
}

// abandoned says as what failure a status counts whose run nobody works on any more.
func abandoned(code state.StatusCode) state.StatusCode {
	switch code {
	case state.RunningPre, state.RunningMain, state.RunningPost:
		return state.Failure
	case state.RunningTest:
		return state.TestFailure
	case state.RunningPreDestroy, state.RunningMainDestroy, state.RunningPostDestroy:
		return state.DestroyFailure
	}
	return code
}

// visit does what the status of a deployment asks for.
func (c *convergence) visit(ctx context.Context, name string) error {
	d, ok := c.session.State().Environment(c.environment).Deployment(name)
	if !ok {
		return nil
	}
	s, _ := d.Stage(state.DeployStage)
	code := abandoned(s.Status.Code)
	version := s.Version
	if wanted, ok := s.Extra[planner.WantedKey].(string); ok && (code == state.Pending || code == state.Failure) {
		version = wanted
	}
	if version == "" {
		if code == state.Empty || code == state.Failure {
			return nil // it was never deployed
		}
		return fmt.Errorf("No 'version' set for deployment of '%s' in deployment '%s'", d.Release, name)
	}
	id, err := release.ParseID(d.Release + "-v" + version)
	if err != nil {
		return err
	}
	switch code {
	case state.Failure, state.TestFailure, state.DestroyFailure:
		return c.retry(ctx, name, id, retries[code])
	case state.TestPending:
		return c.do(ctx, name, id, duty{"converge.test_pending", planner.ActionSmoke})
	case state.DestroyPending:
		return c.do(ctx, name, id, duty{"converge.destroy_pending", planner.ActionDestroy})
	case state.DestroyAndDelete:
		if err := c.do(ctx, name, id, duty{"converge.destroy_pending", planner.ActionDestroy}); err != nil {
			return err
		}
		return c.session.Commit(ctx, state.Batch{Changes: []state.Change{state.DeleteDeployment{Address: c.at(name)}}})
	case state.OK:
		if !c.refresh {
			c.log("converge.skip_ok", map[string]string{"deployment": name})
			return nil
		}
	case state.Pending:
	default:
		c.log("converge.skip_other", map[string]string{"deployment": name, "status": string(s.Status.Code)})
		return nil
	}
	return c.do(ctx, name, id, duty{"converge", planner.ActionDeploy})
}

func (c *convergence) at(name string) state.Address {
	return state.Address{Environment: c.environment, Path: state.Path{name}}
}

func (c *convergence) log(key string, values map[string]string) {
	c.app.log.Log(logs.Entry{Key: key, Values: values, Sections: []string{convergeSection}})
}

// do fetches a release and runs an action of it. A release that cannot be had says nothing about what is deployed.
func (c *convergence) do(ctx context.Context, name string, id release.ID, d duty) error {
	c.log(d.key, map[string]string{
		"project": c.session.State().Project(), "environment": c.environment, "deployment": name, "release": id.String(), "action": d.action.Name,
	})
	c.flags.deployment = name
	if err := c.useRelease(ctx, id); err != nil {
		return err
	}
	c.sections = []string{convergeSection}
	return c.runTargets(ctx, c.session, []planner.Target{{Action: d.action, Stage: state.DeployStage}}, nil)
}

// retry tries an action again, when its time has come.
func (c *convergence) retry(ctx context.Context, name string, id release.ID, d duty) error {
	s, _ := c.session.State().Stage(c.at(name), state.DeployStage)
	now := c.app.env.Now()
	switch before := s.Status; {
	case before.TryAgainAt.IsZero():
		before.Code = abandoned(before.Code)
		return c.later(ctx, name, before, time.Second)
	case before.TryAgainAt.After(now):
		c.log("converge.skip_retry_later", map[string]string{"deployment": name, "retriedIn": before.TryAgainAt.Sub(now).String()})
		return nil
	}
	tried := s.Status.Tried
	err := c.do(ctx, name, id, d)
	if err == nil {
		return nil
	}
	after, _ := c.session.State().Stage(c.at(name), state.DeployStage)
	status := after.Status
	status.Tried = tried + 1
	return errors.Join(err, c.later(ctx, name, status, pause(status.Tried)))
}

// pause is how long to wait after a number of failed retries: e to that power in seconds, without its fraction.
func pause(tried int) time.Duration {
	const longest = 24 * time.Hour
	if s := math.Exp(float64(tried)); s < longest.Seconds() {
		return time.Duration(s) * time.Second
	}
	return longest
}

// later records when to try again.
func (c *convergence) later(ctx context.Context, name string, status state.Status, wait time.Duration) error {
	status.TryAgainAt = c.app.env.Now().Add(wait)
	c.log("converge.mark_retry", map[string]string{"deployment": name, "backoff": wait.String()})
	return c.session.Commit(ctx, state.Batch{Changes: []state.Change{
		state.PutStatus{Address: c.at(name), Stage: state.DeployStage, Status: status},
	}})
}
