// Command sallyport is a cryptocurrency exchange with its sanctions programme built in
// and provable. It is wiring only: each subcommand lies in a file of its name.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
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
	var status interface{ ExitCode() int }
	if errors.As(err, &status) {
		return status.ExitCode()
	}
	return 1
}

// usageError is for a command line that cannot be carried out as it is written.
type usageError struct{ error }

func (usageError) ExitCode() int { return 2 }

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "sallyport",
		Short: "An exchange with its sanctions programme built in and provable",
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
		return usageError{fmt.Errorf("%w\nsee: %s --help", err, c.CommandPath())}
	})
	root.AddCommand(demoCommand(), serveCommand(), listsCommand(), screenCommand(), rescreenCommand(), compareCommand(), verifyCommand(), addressCommand(), placeCommand(), lawCommand(), simulateCommand(), gateKeyCommand(), operatorUserCommand())
	return root
}
