// Command sallyport is a cryptocurrency exchange with its sanctions programme built in
// and provable. It is wiring only: each subcommand lies in a file of its name.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() { os.Exit(run()) }

// run is main with its exit status: 0 done, 1 failed, 2 called wrongly; a command may give
// another (verify does).
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends what does not heed the first
	err := rootCommand().ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(os.Stderr, "sallyport:", text)
	}
	return statusOf(err)
}

// statusOf is the exit status of a command that ended with err.
func statusOf(err error) int {
	var status interface{ ExitCode() int }
	switch {
	case err == nil:
		return 0
	case errors.As(err, &status):
		return status.ExitCode()
	}
	return 1
}

// usageError is for a command line that cannot be carried out as it is written.
type usageError struct{ error }

func (usageError) ExitCode() int { return 2 }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:     "sallyport",
		Version: version(),
		Short:   "An exchange with its sanctions programme built in and provable",
		Long: `Sallyport is a cryptocurrency exchange with its sanctions programme built in and
provable: open to all whom no law excludes, closed at once and everywhere to those it
names, each decision cited, dated and replayable.`,
		Example: `  sallyport demo                    # a day of March 2022, then trade on; console on http://127.0.0.1:8080
  sallyport serve --data ./exchange # the same exchange without the story
  sallyport verify --data ./exchange
  sallyport screen --starter 2022-03-11 --in people.csv --out hits.ndjson`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return wrongly(c, err)
	})
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		return wrongly(c, c.ValidateRequiredFlags())
	}
	root.AddCommand(demoCommand(), serveCommand(), listsCommand(), screenCommand(), rescreenCommand(), compareCommand(), verifyCommand(), addressCommand(), placeCommand(), lawCommand(), simulateCommand(), gateKeyCommand(), operatorUserCommand())
	takeExactly(root)
	return root
}

// version is what is known of the program's origin: the version or the commit it was built from, and by which Go.
func version() string {
	b, ok := debug.ReadBuildInfo()
	if !ok {
		return "not known"
	}
	v := b.Main.Version
	for _, s := range b.Settings {
		switch {
		case s.Key == "vcs.revision":
			v += ", commit " + s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			v += " with changes"
		}
	}
	return v + ", " + b.GoVersion
}

// wrongly makes an error of cobra's one of the command line, with where its usage stands.
func wrongly(c *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	return usageError{fmt.Errorf("%w\nsee: %s --help", err, c.CommandPath())}
}

// takeExactly has c and all commands under it refuse arguments that they do not take as calls that are wrong. Cobra
// itself would answer a verb that does not exist with the help of the group and status 0.
func takeExactly(c *cobra.Command) {
	if c.HasSubCommands() {
		c.Args = cobra.ArbitraryArgs
		c.RunE = func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			err := fmt.Errorf("unknown command %q for %q", args[0], c.CommandPath())
			c.SuggestionsMinimumDistance = 2
			if near := c.SuggestionsFor(args[0]); len(near) > 0 {
				err = fmt.Errorf("%w: did you mean %s?", err, strings.Join(near, " or "))
			}
			return wrongly(c, err)
		}
	} else if args := c.Args; args != nil {
		c.Args = func(c *cobra.Command, given []string) error {
			err := args(c, given)
			var status interface{ ExitCode() int }
			if errors.As(err, &status) { // it says so by itself
				return err
			}
			return wrongly(c, err)
		}
	}
	for _, sub := range c.Commands() {
		takeExactly(sub)
	}
}

// noArguments is for commands that are told everything by flags.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q: %s takes flags alone", args[0], c.CommandPath())
	}
	return nil
}
