package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"sallyport/staff"
)

// operatorUsers is the file of operator users in a data folder.
func operatorUsers(data string) string { return filepath.Join(data, "keys", "operator.users") }

// operatorUserCommand is `sallyport operator-user`: who of one's own people may use the desk.
func operatorUserCommand() *cobra.Command {
	var data, name, may, until string
	var remove, list bool
	c := &cobra.Command{
		Use:   "operator-user --data DIR --name NAME --may RIGHTS",
		Short: "Make, list or remove operator users of the desk",
		Long: `Makes an operator user's token for the desk and the console (docs/desk.md) and prints it,
this once: DIR/keys/operator.users keeps its hash. A running exchange knows it within a second.

RIGHTS are of compliance (see who customers are; identity, likenesses, licences, addresses),
operations (accounts, keys, markets, fees, bounds, trade groups) and read, with commas between;
whoever may anything may read.

From the first operator user on, the token in DIR/keys/desk.token opens nothing: what the desk
records is said under the name whose token said it, and what takes two operator users takes two
tokens. A name may have several tokens, so that a new one can take an old one's place without a
gap; --remove takes all tokens of a name away, and their sessions of the console end. When
the last has gone nobody is let in, until there is one or DIR/keys/operator.users is removed.`,
		Example: `  sallyport operator-user --data ./exchange --name m.ortiz --may compliance
  sallyport operator-user --data ./exchange --name k.lee --may compliance,operations --until 2027-01-01
  sallyport operator-user --data ./exchange --list
  sallyport operator-user --data ./exchange --name k.lee --remove`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			path, out := operatorUsers(data), cmd.OutOrStdout()
			if data != "" && (list || remove) {
				if err := newFolder(cmd, data, true); err != nil {
					return fmt.Errorf("operator-user: %w", err)
				}
			}
			switch {
			case data == "":
				return usageError{errors.New("operator-user: say where: --data DIR")}
			case list:
				users, made, err := staff.List(path)
				if err != nil {
					return err
				}
				if len(users) == 0 {
					fmt.Fprintln(out, "no operator users: whoever has keys/desk.token may use the desk, under any name")
					return nil
				}
				w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
				fmt.Fprintln(w, "NAME\tMAY\tMADE\tUNTIL")
				for i, u := range users {
					end := "without end"
					if !u.Until.IsZero() {
						end = u.Until.Format(time.DateOnly)
					}
					fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", u.Name, u.May, made[i], end)
				}
				return w.Flush()
			case name == "":
				return usageError{errors.New("operator-user: say who: --name NAME")}
			case remove:
				n, err := staff.Remove(path, name)
				if err != nil {
					return err
				}
				if n == 0 {
					return fmt.Errorf("operator-user: there is no operator user %q in %s", name, path)
				}
				fmt.Fprintf(out, "%d removed\n", n)
				if users, _, err := staff.List(path); err == nil && len(users) == 0 {
					fmt.Fprintf(cmd.ErrOrStderr(), "there is no operator user now, and nobody is let in at the desk; make one, or remove %s to let in whoever has keys/desk.token, under any name\n", path)
				}
				return nil
			case may == "":
				return usageError{errors.New("operator-user: say what they may: --may compliance, operations or read, with commas between")}
			}
			rights, err := staff.ParseRights(may)
			if err != nil {
				return usageError{err}
			}
			var end time.Time
			if until != "" {
				if end, err = time.Parse(time.DateOnly, until); err != nil {
					return usageError{fmt.Errorf("operator-user: --until %s: want a day such as 2027-01-01, from which the token opens nothing", until)}
				}
			}
			if err := newFolder(cmd, data, false); err != nil {
				return fmt.Errorf("operator-user: %w", err)
			}
			token, err := staff.Add(path, name, rights, end, nil, time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintln(out, token)
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&data, "data", "", "data folder of the exchange")
	f.StringVar(&name, "name", "", "who it is: letters, digits, dots, hyphens, underscores")
	f.StringVar(&may, "may", "", "what they may do: compliance, operations, read")
	f.StringVar(&until, "until", "", "the day (UTC) from which the token opens nothing; none is without end")
	f.BoolVar(&list, "list", false, "list all operator users")
	f.BoolVar(&remove, "remove", false, "take all tokens of the name away")
	return c
}
