package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sallyport/staff"
	"sallyport/venue/tape"
)

// TestOperatorUserCommand: a running exchange knows an operator user within a second of the command, and
// the desk's token opens nothing from then on.
func TestOperatorUserCommand(t *testing.T) {
	n, data, _, _ := founded(t)
	shared, err := deskToken(data)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(token string) int {
		r := httptest.NewRequest("GET", "/desk/v1/summary", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, r)
		return w.Code
	}
	if status := ask(shared); status != http.StatusOK {
		t.Fatalf("the desk's token: %d", status)
	}
	run := func(args ...string) (string, string, error) {
		cmd := program(t, append([]string{"operator-user"}, args...)...)
		var out, said strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &said
		err := cmd.Run()
		return strings.TrimSpace(out.String()), said.String(), err
	}
	if out, said, err := run("--data", data, "--list"); err != nil || !strings.Contains(out, "no operator users") {
		t.Errorf("%s %s %v", out, said, err)
	}
	token, said, err := run("--data", data, "--name", "m.ortiz", "--may", "compliance", "--until", "2999-01-01")
	if err != nil || said != "" {
		t.Fatal(said, err)
	}
	time.Sleep(1100 * time.Millisecond) // the file is read again within a second
	if users := n.x.View().OperatorUsers(); len(users) != 0 {
		t.Errorf("the log knows %v before anybody looked", users)
	}
	if own, old := ask(token), ask(shared); own != http.StatusOK || old != http.StatusUnauthorized {
		t.Errorf("m.ortiz %d, the desk's token %d", own, old)
	}
	if out, said, err := run("--data", data, "--list"); err != nil || !strings.Contains(out, "m.ortiz  read,compliance") || !strings.Contains(out, "2999-01-01") || strings.Contains(out, token) {
		t.Errorf("%s %s %v", out, said, err)
	}
	for want, args := range map[string][]string{
		"say where":         {"--name", "m.ortiz", "--may", "read"},
		"say who":           {"--data", data},
		"say what they may": {"--data", data, "--name", "m.ortiz"},
		"nothing that an":   {"--data", data, "--name", "m.ortiz", "--may", "everything"},
		"want a day":        {"--data", data, "--name", "m.ortiz", "--may", "read", "--until", "soon"},
		"1 to 64 letters":   {"--data", data, "--name", "m ortiz", "--may", "read"},
		"there is no":       {"--data", data, "--name", "k.lee", "--remove"},
	} {
		if out, said, err := run(args...); err == nil || !strings.Contains(said, want) {
			t.Errorf("%v: %s %s %v", args, out, said, err)
		}
	}
	if users := n.x.View().OperatorUsers(); len(users) != 1 || users[0].Name != "m.ortiz" || staff.Right(users[0].May) != staff.Read|staff.Compliance {
		t.Errorf("the log knows %v", users)
	}
	if out, said, err := run("--data", data, "--name", "m.ortiz", "--remove"); err != nil || out != "1 removed" {
		t.Errorf("%s %s %v", out, said, err)
	}
	time.Sleep(1100 * time.Millisecond)
	if status := ask(token); status != http.StatusUnauthorized || len(n.x.View().OperatorUsers()) != 0 {
		t.Errorf("removed: %d, the log knows %v", status, n.x.View().OperatorUsers())
	}
}

// TestRightsAreTheLogs: what a file of operator users calls by a name is the same set of bits in the log.
func TestRightsAreTheLogs(t *testing.T) {
	for ours, logs := range map[staff.Right]tape.Right{staff.Read: tape.MayRead, staff.Compliance: tape.MayCompliance, staff.Operations: tape.MayOperations} {
		if tape.Right(ours) != logs {
			t.Errorf("%v is %d in the log", ours, logs)
		}
	}
}
