package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"escape.build/escape/cmd/escape/cli/internal/logs"
	"escape.build/escape/inventory"
	"escape.build/escape/lang/release"
	"escape.build/escape/planner"
	"escape.build/escape/planner/archive"
	"escape.build/escape/planner/state"
)

const (
	releaseSection = "Release"
	pushSection    = "Push"
	tagSection     = "Tag"
)

// releaseFlags say what a release is made of.
type releaseFlags struct {
	workFlags
	version                             string
	uber, force                         bool
	skipBuild, skipTests                bool
	skipDeploy, skipSmoke               bool
	skipBuildDestroy, skipDeployDestroy bool
	skipDestroy, skipCache, skipPush    bool
	skipIfExists, tagGit, pushGitTags   bool
}

func (a *app) newRunRelease() *cobra.Command {
	f := &releaseFlags{}
	cmd := &cobra.Command{
		Use:   "release",
		Short: "Build, test, deploy, smoke test, destroy, package and publish the plan.",
		Long: `Build, test, deploy, smoke test, destroy, package and publish the plan.

The first part that fails is the end, and nothing is published then. A version such as 1.2.@ is reserved for as long as that
takes, so that two releases at the same time get two versions.

All of it happens in the environment of -e: a deployment of that name is replaced by the release and then destroyed. With
--skip-deploy deployments are left alone, with --skip-deploy-destroy the release stays deployed.`,
		Example:     "  escape run release\n  escape run release --skip-deploy --tag-git\n  escape run release --override-version 1.2.@ --skip-if-exists",
		Args:        noArgs,
		Annotations: map[string]string{logsAreResult: "yes"},
	}
	f.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.version, "override-version", "", "Version to use instead of the plan's")
	flags.BoolVarP(&f.uber, "uber", "u", false, "Pack dependencies and extensions too")
	flags.BoolVarP(&f.force, "force", "f", false, "Overwrite the package file and the cached package")
	for _, b := range []struct {
		at          *bool
		name, usage string
	}{
		{&f.skipBuild, "skip-build", "Skip build, test and destroying the build"},
		{&f.skipTests, "skip-tests", "Skip tests"},
		{&f.skipBuildDestroy, "skip-build-destroy", "Skip destroying the build"},
		{&f.skipDeploy, "skip-deploy", "Skip deploy, smoke test and destroying the deployment"},
		{&f.skipSmoke, "skip-smoke", "Skip smoke tests"},
		{&f.skipDeployDestroy, "skip-deploy-destroy", "Skip destroying the deployment"},
		{&f.skipDestroy, "skip-destroy", "Skip destroying build and deployment"},
		{&f.skipCache, "skip-cache", "Do not put the package into the cache"},
		{&f.skipPush, "skip-push", "Do not publish"},
		{&f.skipIfExists, "skip-if-exists", "End well if the version is published already"},
		{&f.tagGit, "tag-git", "Tag the git commit with the release id"},
	} {
		flags.BoolVar(b.at, b.name, false, b.usage)
	}
	flags.BoolVar(&f.pushGitTags, "push-git-tags", true, "With --tag-git, push the tag to origin")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return a.release(cmd.Context(), cmd.CommandPath(), f)
	}
	return cmd
}

// A releasing is one use of the command.
type releasing struct {
	*work
	flags     *releaseFlags
	operation string
	resolver  *releaseResolver
	scratch   *archive.Snapshot // the files as the build left them; nil if there was none
}

func (a *app) release(ctx context.Context, operation string, f *releaseFlags) error {
	w, err := a.prepareWork(&f.workFlags, true)
	if err != nil {
		return err
	}
	r := &releasing{work: w, flags: f, operation: operation, resolver: &releaseResolver{planResolver: a.resolver(w.profile).plan()}}
	defer r.resolver.giveBack()
	defer func() { r.scratch.Remove() }()
	if err := r.compile(ctx); err != nil {
		return err
	}
	if err := w.useExtras(); err != nil {
		return err
	}
	w.sections = []string{releaseSection}
	r.log("release.start", nil)
	if f.skipIfExists {
		exists, err := r.exists(ctx)
		if err != nil {
			return in(err, releaseSection)
		}
		if exists {
			r.log("release.skip_existing", map[string]string{"version": w.tree.Release.Version})
			return nil
		}
	}
	if err := r.try(ctx); err != nil {
		return err
	}
	if err := r.publish(ctx); err != nil {
		return err
	}
	r.log("release.finished", nil)
	return nil
}

// compile compiles the plan with the version that is asked for. One that is looked up is reserved, so that it stays the
// same when the plan is compiled again.
func (r *releasing) compile(ctx context.Context) error {
	r.work.recompile = func(ctx context.Context) (*release.Metadata, error) {
		m, err := r.app.compileAs(ctx, r.flags.plan, r.flags.file, r.flags.version, r.resolver)
		if err == nil && r.tree != nil {
			r.tree = &planner.Tree{Release: m, Dir: r.tree.Dir, Depends: r.tree.Depends}
		}
		return m, err
	}
	m, err := r.work.recompile(ctx)
	if err != nil {
		return err
	}
	return r.use(ctx, m, r.app.env.Dir)
}

func (r *releasing) log(key string, values map[string]string, sections ...string) {
	r.app.log.Log(logs.Entry{Key: key, Values: values, Sections: append(slices.Clone(r.sections), sections...), Release: r.tree.Release.QualifiedID()})
}

// exists asks the Inventory for the version. Only its answer that there is none counts as that.
func (r *releasing) exists(ctx context.Context) (bool, error) {
	inv, err := r.resolver.inventory()
	if err != nil {
		return false, err
	}
	_, err = inv.Metadata(ctx, r.tree.Release.ID())
	if errors.Is(err, inventory.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// try builds and deploys the release, as far as that is not skipped.
func (r *releasing) try(ctx context.Context) error {
	var parts []planner.Target
	add := func(skip bool, a *planner.Action, stage state.StageName) {
		if !skip {
			parts = append(parts, planner.Target{Action: a, Stage: stage})
		}
	}
	f := r.flags
	add(f.skipBuild, planner.ActionBuild, state.BuildStage)
	add(f.skipBuild || f.skipTests, planner.ActionTest, state.BuildStage)
	add(f.skipBuild || f.skipBuildDestroy || f.skipDestroy, planner.ActionDestroy, state.BuildStage)
	add(f.skipDeploy, planner.ActionDeploy, state.DeployStage)
	add(f.skipDeploy || f.skipSmoke, planner.ActionSmoke, state.DeployStage)
	add(f.skipDeploy || f.skipDeployDestroy || f.skipDestroy, planner.ActionDestroy, state.DeployStage)
	if len(parts) == 0 {
		return nil
	}
	session, err := r.lock(ctx, r.operation)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if err := r.part(ctx, session, p); err != nil {
			return also(err, session.Close())
		}
	}
	return session.Close()
}

func (r *releasing) part(ctx context.Context, session state.Session, t planner.Target) error {
	if err := r.runTargets(ctx, session, []planner.Target{t}, nil); err != nil {
		return err
	}
	if t.Action != planner.ActionBuild {
		return nil
	}
	// Destroying the build may take away what it made.
	var err error
	r.scratch, err = archive.Take(r.app.env.Dir, r.tree.Release)
	return in(err, releaseSection, planner.ActionPackage.Section)
}

// publish packs the release and hands it over.
func (r *releasing) publish(ctx context.Context) error {
	file, m, err := r.pack(ctx)
	if err != nil {
		return in(err, releaseSection, planner.ActionPackage.Section)
	}
	if path, ok := r.resolver.fetcher.Cached(m.ID()); ok && !r.flags.skipCache && !r.flags.force {
		return in(fmt.Errorf("Release already exists in local release cache: %s. Use --force / -f to overwrite", path), releaseSection)
	}
	if !r.flags.skipPush {
		if err := r.push(ctx, m, file); err != nil {
			return in(err, releaseSection, pushSection)
		}
	}
	if !r.flags.skipCache {
		if _, err := r.resolver.fetcher.Put(ctx, m.ID(), file); err != nil {
			return in(err, releaseSection)
		}
	}
	if r.flags.tagGit {
		return in(r.tag(ctx), releaseSection, tagSection)
	}
	return nil
}

func (r *releasing) pack(ctx context.Context) (file string, m *release.Metadata, err error) {
	r.log(planner.ActionPackage.Start, nil, planner.ActionPackage.Section)
	result, err := archive.Pack(r.app.env.Dir, r.tree.Release, archive.Options{Force: r.flags.force, Uber: r.flags.uber, Files: r.scratch})
	if err != nil {
		return "", nil, err
	}
	r.log(planner.ActionPackage.Finished, map[string]string{"path": result.Path}, planner.ActionPackage.Section)
	return result.Path, result.Metadata, nil
}

func (r *releasing) push(ctx context.Context, m *release.Metadata, file string) error {
	inv, err := r.resolver.inventory()
	if err != nil {
		return err
	}
	if err := r.resolver.fetcher.KeepMetadata(m); err != nil {
		return err
	}
	r.log("upload.start", nil, pushSection)
	if err := inv.Publish(ctx, m, file); err != nil {
		return err
	}
	r.log("upload.finished", nil, pushSection)
	r.log("push.finished", nil, pushSection)
	return nil
}

// tag tags the commit in git, and pushes the tag.
func (r *releasing) tag(ctx context.Context) error {
	id := r.tree.Release.QualifiedID()
	r.log("release.tag", nil, tagSection)
	if err := r.git(ctx, "Failed to tag "+id, "tag", "-a", id, "-m", "Escape release "+id); err != nil {
		return err
	}
	if !r.flags.pushGitTags {
		return nil
	}
	r.log("release.tag_push", nil, tagSection)
	return r.git(ctx, "Failed to push tag "+id, "push", "origin", id)
}

// git runs a git command in the working directory. Its output is part of the error.
func (r *releasing) git(ctx context.Context, failed string, args ...string) error {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env = r.app.env.Dir, r.app.childEnviron()
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	published := ""
	if !r.flags.skipPush {
		published = "  the release is published all the same; tag the commit by hand\n"
	}
	return &reported{
		err:    fmt.Errorf("%s: Failed to successfully execute command 'git %s': %w. %s", failed, strings.Join(args, " "), err, strings.TrimSpace(string(out))),
		detail: published,
	}
}
