package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// call runs the program in this process, and gives its exit status and what it said.
func call(args ...string) (status int, said string) {
	var out bytes.Buffer
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(&out)
	root.SetErr(&out)
	err := root.Execute()
	if err != nil {
		out.WriteString(err.Error())
	}
	return statusOf(err), out.String()
}

// What is called wrongly ends with status 2 and a word on how it is called: also a verb that does not exist, which a
// script would take for one that found nothing.
func TestCalledWrongly(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ args, want string }{
		{"nothing", "see: sallyport --help"},
		{"verfy", "did you mean verify?"},
		{"law decid", "did you mean decide?"},
		{"law nothing", "see: sallyport law --help"},
		{"lists nothing", "see: sallyport lists --help"},
		{"law explain", "see: sallyport law explain --help"},
		{"lists import", "see: sallyport lists import --help"},
		{"lists diff a", "see: sallyport lists diff --help"},
		{"address", "see: sallyport address --help"},
		{"compare", `"in" not set`},
		{"rescreen --from a", `"customers", "then" not set`},
		{"screen people.csv", `"people.csv": sallyport screen takes flags alone`},
		{"demo --nothing", "see: sallyport demo --help"},
		{"verify ./data", "the folder is given with --data"},
		// Nothing is held against nothing: status 0 would be read as "not listed".
		{"address --exit-code 12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", "--data DIR, --list FILE or --starter DATE"},
		{"address --in-force 12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", "--data DIR"},
	} {
		if status, said := call(strings.Fields(c.args)...); status != 2 || !strings.Contains(said, c.want) {
			t.Errorf("sallyport %s: status %d, %q; want 2 and %q", c.args, status, said, c.want)
		}
	}
	for _, args := range []string{"", "law", "lists", "help law", "--help", "--version"} {
		if status, said := call(strings.Fields(args)...); status != 0 || said == "" {
			t.Errorf("sallyport %s: status %d, %q", args, status, said)
		}
	}
}

// Who looks into a folder that is not there makes none, and is told what to call, on that folder.
func TestLookingLeavesNothingBehind(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct{ args, want string }{
		{"lists status --data other", "sallyport lists pull --data other"},
		{"lists history --data other", "No edition"},
		{"lists diff 2022-02-24 2022-02-25 --data other", "sallyport lists status --data other"},
		{"lists accept deadbeef --data other", "sallyport lists status --data other"},
		{"address --data other 12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h", "no edition of any list"},
		{"verify --data other", "there is no log"},
		{"simulate --threshold 0.9 --data other", "there is no log"},
		{"operator-user --data other --list", "there is no folder other"},
		{"operator-user --data other --name m.ortiz --remove", "there is no folder other"},
		{"gate-key --data other --name shop --remove", "there is no folder other"},
	} {
		if _, said := call(strings.Fields(c.args)...); !strings.Contains(said, c.want) {
			t.Errorf("sallyport %s: %q; want %q", c.args, said, c.want)
		}
		if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
			t.Fatalf("sallyport %s: left behind %v (%v)", c.args, left, err)
		}
	}
}

// Each verb has examples, and they are commands that exist, with flags and arguments that these take.
func TestExamples(t *testing.T) {
	word := regexp.MustCompile(`"[^"]*"|'[^']*'|\S+`)
	tried := 0
	var each func(c *cobra.Command)
	each = func(c *cobra.Command) {
		if c.Example == "" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for line := range strings.Lines(c.Example) {
			_, line, ok := strings.Cut(line, "sallyport ")
			if !ok {
				t.Errorf("%s: %q calls nothing", c.CommandPath(), line)
			}
			for _, end := range []string{" #", " > ", " < "} {
				line, _, _ = strings.Cut(line, end)
			}
			var args []string
			for _, w := range word.FindAllString(line, -1) {
				args = append(args, strings.Trim(w, `"'`))
			}
			called, rest, err := rootCommand().Find(args)
			if err == nil {
				err = called.ParseFlags(rest)
			}
			if err == nil {
				err = called.ValidateArgs(called.Flags().Args())
			}
			if err == nil {
				err = called.ValidateRequiredFlags()
			}
			if err != nil || called.HasSubCommands() {
				t.Errorf("%s: sallyport %s: %v", c.CommandPath(), line, err)
			}
			tried++
		}
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(rootCommand())
	if tried < 60 {
		t.Errorf("%d examples were tried", tried)
	}
}
