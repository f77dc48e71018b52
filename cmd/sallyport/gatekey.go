package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	gateapi "sallyport/api/gate"
)

// gateKeys is the file of API keys of the gate in a data folder.
func gateKeys(data string) string { return filepath.Join(data, "keys", "gate.keys") }

// gateKeyCommand is `sallyport gate-key`: who may ask the gate.
func gateKeyCommand() *cobra.Command {
	var data, name string
	var remove bool
	c := &cobra.Command{
		Use:   "gate-key --data DIR --name NAME",
		Short: "Make or remove an API key of the gate",
		Long: `Makes an API key for an exchange that asks the gate (docs/gate.md) and prints it, this
once: DIR/keys/gate.keys keeps its hash. A running exchange knows it within a second.

A name may have several keys, so that a new one can take an old one's place without a gap;
--remove takes all keys of a name away. Idempotency keys go with the name.`,
		Example: `  sallyport gate-key --data ./exchange --name shop
  sallyport gate-key --data ./exchange --name shop --remove`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if data == "" || name == "" {
				return usageError{errors.New("gate-key: say where and for whom: --data DIR --name NAME")}
			}
			if err := newFolder(cmd, data, remove); err != nil {
				return fmt.Errorf("gate-key: %w", err)
			}
			if remove {
				n, err := gateapi.RemoveKeys(gateKeys(data), name)
				if err != nil {
					return err
				}
				if n == 0 {
					return fmt.Errorf("gate-key: there is no key of the name %q in %s", name, gateKeys(data))
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d removed\n", n)
				return nil
			}
			key, err := gateapi.MakeKey(gateKeys(data), name, nil, time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), key)
			return nil
		},
	}
	c.Flags().StringVar(&data, "data", "", "data folder of the exchange")
	c.Flags().StringVar(&name, "name", "", "whose key it is: letters, digits, dots, hyphens, underscores")
	c.Flags().BoolVar(&remove, "remove", false, "take all keys of the name away")
	return c
}

// newFolder tells that the data folder is not there yet, as where its name was mistyped. A key may be made
// before the exchange is founded; where something must be there already it is an error.
func newFolder(c *cobra.Command, data string, mustBe bool) error {
	switch _, err := os.Stat(data); {
	case !errors.Is(err, fs.ErrNotExist):
		return err
	case mustBe:
		return fmt.Errorf("there is no folder %s: %w", data, err)
	}
	fmt.Fprintf(c.ErrOrStderr(), "note: there was no folder %s; it is made now, and sallyport serve --data %s founds an exchange in it\n", data, shellWord(data))
	return nil
}
