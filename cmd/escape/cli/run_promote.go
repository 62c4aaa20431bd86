package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner/state"
)

const promoteSection = "Promote"

func (a *app) newRunPromote() *cobra.Command {
	p := &promotion{flags: &workFlags{}}
	cmd := &cobra.Command{
		Use:   "promote",
		Short: "Deploy the release of one environment into another.",
		Long: `Deploy the release of one environment into another.

-e and -d name the deployment whose release is taken, --to where it goes. Inputs are not taken along: the deployment there
keeps its own, and -v adds to them.`,
		Example:     "  escape run promote -d demo/app -e staging --to prod",
		Args:        noArgs,
		Annotations: map[string]string{logsAreResult: "yes"},
	}
	p.flags.add(cmd)
	cmd.Flags().StringVar(&p.to, "to", "", "Environment to deploy into")
	cmd.Flags().StringVar(&p.toDeployment, "to-deployment", "", "Name of the deployment there; by default the same")
	cmd.Flags().BoolVarP(&p.force, "force", "f", false, "Do not ask")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		p.app, p.operation = a, cmd.CommandPath()
		if cmd.Flags().Changed("plan") {
			a.warning("--plan has no effect: a deployed release is promoted, not a plan")
		}
		return p.run(cmd.Context())
	}
	return cmd
}

// A promotion is one use of the command.
type promotion struct {
	app              *app
	flags            *workFlags
	operation        string
	to, toDeployment string
	force            bool
}

func (p *promotion) run(ctx context.Context) error {
	from := p.flags.environment
	switch {
	case p.flags.remote != "":
		return errors.New("Currently not supported with remote state")
	case p.flags.deployment == "":
		return unnamed("Missing deployment name.", from)
	case p.to == "":
		return errors.New("Missing target environment. Use '--to' to define your target environment.")
	}
	w, err := p.app.newReleaseWork(p.flags)
	if err != nil {
		return err
	}
	target := p.toDeployment
	if target == "" {
		target = p.flags.deployment
	}
	if err := errors.Join(checkEnvironment(p.to), checkDeployment(target)); err != nil {
		return err
	}
	view, err := p.app.look(ctx, w.store)
	if err != nil {
		return err
	}
	id, err := deployed(view.State, from, p.flags.deployment)
	if err != nil {
		return err
	}
	p.log("promote.state_info", "deployment", p.flags.deployment, "environment", from, "releaseId", id.String())
	if there, err := deployed(view.State, p.to, target); err == nil {
		p.log("promote.state_info", "deployment", target, "environment", p.to, "releaseId", there.String())
	} else {
		p.log("promote.state_info_missing", "deployment", target, "environment", p.to)
	}
	if !p.force {
		question := fmt.Sprintf("Promote %s from %s (%s) to %s (%s)? [Yn]: ", id, from, p.flags.deployment, p.to, target)
		if ok, err := p.app.confirm(question); err != nil || !ok {
			return in(err, promoteSection)
		}
	}
	session, err := w.lock(ctx, p.operation)
	if err != nil {
		return err
	}
	return also(p.deploy(ctx, w, session, id, target), session.Close())
}

// deploy deploys the release, unless the state moved since it was looked at.
func (p *promotion) deploy(ctx context.Context, w *work, session state.Session, id release.ID, target string) error {
	if now, err := deployed(session.State(), w.environment, p.flags.deployment); err != nil || now != id {
		return &statusError{exitStale, in(errors.New("the state was changed while you were asked; nothing was promoted"), promoteSection)}
	}
	p.log("promote.promoting", "releaseId", id.String(), "fromEnvironment", w.environment, "toEnvironment", p.to)
	w.sections = []string{promoteSection}
	w.environment, w.flags.deployment = p.to, target
	return w.deployRelease(ctx, session, id)
}

func (p *promotion) log(key string, values ...string) {
	e := logs.Entry{Key: key, Values: map[string]string{}, Sections: []string{promoteSection}}
	for i := 0; i < len(values); i += 2 {
		e.Values[values[i]] = values[i+1]
	}
	p.app.log.Log(e)
}

// deployed returns the release that a root deployment holds.
func deployed(s *state.State, environment, name string) (release.ID, error) {
	d, ok := s.Environment(environment).Deployment(name)
	if !ok {
		return release.ID{}, &reported{
			err:    fmt.Errorf("Deployment %s was not found in the environment %s.", name, environment),
			detail: nearby(s, environment, name),
		}
	}
	stage, _ := d.Stage(state.DeployStage)
	if stage.Version == "" {
		return release.ID{}, fmt.Errorf("Deployment %s has not been deployed in the environment %s.", name, environment)
	}
	return release.ParseID(d.Release + "-v" + stage.Version)
}

// confirm puts a question on standard output whose answer is yes unless it is no.
func (a *app) confirm(question string) (bool, error) {
	in := bufio.NewReader(a.env.Stdin)
	for {
		fmt.Fprint(a.env.Stdout, question)
		line, err := in.ReadString('\n')
		if errors.Is(err, io.EOF) && strings.TrimSpace(line) == "" {
			return false, a.unanswered()
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		if err != nil {
			return false, a.unanswered()
		}
		fmt.Fprintln(a.env.Stderr, "Please answer yes or no.")
	}
}

// unanswered ends the line of a question that nobody answered.
func (a *app) unanswered() error {
	fmt.Fprintln(a.env.Stdout)
	return &reported{err: errors.New("EOF"), detail: "  there was no answer, so nothing was done; --force does not ask\n"}
}
