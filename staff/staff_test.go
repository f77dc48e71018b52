package staff

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var now = time.Date(2022, 3, 1, 12, 0, 0, 0, time.UTC)

// TestUsers: until there is an operator user the desk's token is everybody's; from then on it opens
// nothing, each is known by their own, and nobody by another's.
func TestUsers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys", "operator.users")
	open := func() *Users { // a file that was just changed is read again within a second; this is at once
		t.Helper()
		u, err := Open(path, "everybody's")
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	u := open()
	who, ok := u.Admit("everybody's", now)
	if !ok || !who.Shared() || who.May != Read|Compliance|Operations || u.Named() || u.Locked() {
		t.Errorf("%+v %v", who, ok)
	}
	if name, err := who.By("  m.  ortiz "); name != "m. ortiz" || err != nil {
		t.Errorf("%q %v", name, err)
	}
	for _, token := range []string{"", "everybody", "x"} {
		if who, ok := u.Admit(token, now); ok || who.May != 0 || who.Shared() {
			t.Errorf("%q: %+v", token, who)
		}
	}
	if u := Shared(""); !u.Locked() {
		t.Error("an empty token lets somebody in")
	} else if _, ok := u.Admit("", now); ok {
		t.Error("an empty token lets somebody in")
	}

	ortiz, err := Add(path, "m.ortiz", Compliance|Read, time.Time{}, nil, now)
	if err != nil || !strings.HasPrefix(ortiz, tokenPrefix) {
		t.Fatal(ortiz, err)
	}
	until := now.Truncate(24*time.Hour).AddDate(0, 0, 1)
	lee, err := Add(path, "k.lee", Operations|Read, until, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	u = open()
	if !u.Named() || u.Locked() {
		t.Error("nobody is known by name")
	}
	if _, ok := u.Admit("everybody's", now); ok {
		t.Error("the desk's token still opens")
	}
	who, ok = u.Admit(ortiz, now)
	if !ok || who.Name != "m.ortiz" || who.May != Read|Compliance || who.Shared() {
		t.Errorf("%+v %v", who, ok)
	}
	for told, want := range map[string]string{"": "m.ortiz", "m.ortiz": "m.ortiz", " m.ortiz": "m.ortiz"} {
		if name, err := who.By(told); name != want || err != nil {
			t.Errorf("%q: %q %v", told, name, err)
		}
	}
	for _, told := range []string{"k.lee", "M.Ortiz", "m.ortiz k.lee"} {
		var other *OtherName
		if name, err := who.By(told); name != "" || !errors.As(err, &other) || other.Own != "m.ortiz" {
			t.Errorf("%q: %q %v", told, name, err)
		}
	}
	if again, ok := u.Find(who.Token, now); !ok || again != who {
		t.Errorf("%+v %v", again, ok)
	}
	if _, ok := u.Admit(lee, until.Add(-time.Nanosecond)); !ok {
		t.Error("a token ends too early")
	}
	if _, ok := u.Admit(lee, until); ok {
		t.Error("a token that has ended opens")
	}
	users, made, err := List(path)
	if err != nil || len(users) != 2 || users[1].Name != "k.lee" || users[1].May.String() != "read,operations" || !users[1].Until.Equal(until) || made[1] != "2022-03-01" {
		t.Errorf("%+v %v %v", users, made, err)
	}

	if n, err := Remove(path, "m.ortiz"); n != 1 || err != nil {
		t.Error(n, err)
	}
	u = open()
	if _, ok := u.Admit(ortiz, now); ok {
		t.Error("a removed operator user is let in")
	}
	if _, ok := u.Admit("everybody's", until); ok {
		t.Error("the desk's token opens, for the only operator user has run out")
	}
}

// TestFileThatDoesNotRead: it lets nobody in, also not with the desk's token.
func TestFileThatDoesNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "operator.users")
	ortiz, err := Add(path, "m.ortiz", Compliance, time.Time{}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := strings.TrimSpace(string(whole))
	for _, wrong := range []string{"m.ortiz", strings.TrimSuffix(line, " compliance"), line + " soon", line + " 2022-04-01 more", strings.Replace(line, "compliance", "everything", 1)} {
		if err := os.WriteFile(path, []byte(wrong+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, "everybody's"); err == nil || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("%q: %v", wrong, err)
		}
		if _, _, err := List(path); err == nil {
			t.Errorf("%q is listed", wrong)
		}
	}
	u, _ := Open(path, "everybody's")
	if _, ok := u.Admit("everybody's", now); ok || !u.Named() {
		t.Error("a file that does not read lets somebody in")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if u, err = Open(path, "everybody's"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("m.ortiz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // within a second it is read again
	for _, token := range []string{"everybody's", ortiz, ""} {
		if _, ok := u.Admit(token, now); ok {
			t.Errorf("%q opens", token)
		}
	}
	if !u.Named() || u.Locked() {
		t.Error("it is taken for no operator users at all")
	}
}

// TestNamesByHand: two names in the file that differ in capitals alone, and one that the exchange says things under,
// let nobody in, neither when it is opened nor when it has changed; the error has the file, the line and what to do, and
// what it says to do helps.
func TestNamesByHand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "operator.users")
	tokens := map[string]string{}
	for _, name := range []string{"m.ortiz", "k.lee", "n.ortiz"} {
		var err error
		if tokens[name], err = Add(path, name, Compliance, time.Time{}, nil, now); err != nil {
			t.Fatal(err)
		}
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	u, err := Open(path, "everybody's")
	if err != nil {
		t.Fatal(err)
	}
	edit := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{"M.Ortiz": `"M.Ortiz" differs in capitals alone from the "m.ortiz"`, "Desk": `"Desk" is nobody's name`} {
		bad := "# by hand\n" + strings.Replace(string(good), "n.ortiz", name, 1)
		edit(bad)
		for what, err := range map[string]error{
			"opened": func() error { _, err := Open(path, "everybody's"); return err }(),
			"listed": func() error { _, _, err := List(path); return err }(),
			"added":  func() error { _, err := Add(path, "p.gray", Read, time.Time{}, nil, now); return err }(),
		} {
			if err == nil || !strings.Contains(err.Error(), path+": line 4: "+says) || !strings.Contains(err.Error(), "another") {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		time.Sleep(1100 * time.Millisecond) // within a second it is read again
		for _, token := range append(slices.Collect(maps.Values(tokens)), "everybody's") {
			if _, ok := u.Admit(token, now); ok {
				t.Errorf("%s: somebody is let in", name)
			}
		}
		if now, err := os.ReadFile(path); err != nil || string(now) != bad {
			t.Errorf("the file has changed: %v", err)
		}
		if n, err := Remove(path, name); n != 1 || err != nil {
			t.Errorf("%s: %d taken out, %v", name, n, err)
		}
		if _, err := Open(path, "everybody's"); err != nil {
			t.Errorf("mended: %v", err)
		}
	}
	// Two tokens of one name are one operator user's.
	edit(strings.Replace(string(good), "n.ortiz", "m.ortiz", 1))
	if u, err = Open(path, "everybody's"); err != nil {
		t.Fatal(err)
	}
	if who, ok := u.Admit(tokens["n.ortiz"], now); !ok || who.Name != "m.ortiz" {
		t.Errorf("a second token: %v %v", who.Name, ok)
	}
}

func TestRights(t *testing.T) {
	for text, want := range map[string]Right{"read": Read, "compliance": Read | Compliance, " operations , compliance": Read | Compliance | Operations} {
		r, err := ParseRights(text)
		if r != want || err != nil {
			t.Errorf("%q: %v %v", text, r, err)
		}
		if again, err := ParseRights(r.String()); again != r || err != nil {
			t.Errorf("%q: %v %v", r, again, err)
		}
	}
	for _, text := range []string{"", "all", "read,", "Compliance"} {
		if r, err := ParseRights(text); r != 0 || err == nil {
			t.Errorf("%q: %v", text, r)
		}
	}
	path := filepath.Join(t.TempDir(), "y")
	if _, err := Add(path, "m.ortiz", Compliance, time.Time{}, nil, now); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"M.Ortiz", "venue", "Desk", "customer", "m ortiz"} {
		if _, err := Add(path, name, Compliance, time.Time{}, nil, now); err == nil {
			t.Errorf("an operator user %q", name)
		}
	}
	// Who was the last leaves the desk closed, and not to everybody.
	if n, err := Remove(path, "m.ortiz"); n != 1 || err != nil {
		t.Error(n, err)
	}
	if u, err := Open(path, "everybody's"); err != nil || !u.Named() {
		t.Errorf("a file that names nobody: %v", err)
	} else if _, ok := u.Admit("everybody's", now); ok {
		t.Error("a file that names nobody lets somebody in")
	}
	if _, err := Add(filepath.Join(t.TempDir(), "x"), "m.ortiz", 0, time.Time{}, nil, now); err == nil {
		t.Error("an operator user who may do nothing")
	}
}

// TestFollow: whoever follows hears who may what before anybody is let in by it, of each change once, and
// nobody is let in while they cannot hear.
func TestFollow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "operator.users")
	u, err := Open(path, "everybody's")
	if err != nil {
		t.Fatal(err)
	}
	var told []map[string]Right
	var deaf error
	u.Follow(func(all map[string]Right) error {
		if deaf == nil {
			told = append(told, all)
		}
		return deaf
	})
	if _, ok := u.Admit("everybody's", now); !ok || len(told) != 1 || len(told[0]) != 0 {
		t.Fatalf("at first: %v, told %v", ok, told)
	}
	until := now.Truncate(24*time.Hour).AddDate(0, 0, 1)
	ortiz, err := Add(path, "m.ortiz", Compliance|Read, time.Time{}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Add(path, "m.ortiz", Operations|Read, until, nil, now); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // within a second it is read again
	deaf = errors.New("no more commands")
	if _, ok := u.Admit(ortiz, now); ok || len(told) != 1 {
		t.Errorf("let in by what nobody has heard of: %v", told)
	}
	deaf = nil
	if _, ok := u.Admit(ortiz, now); !ok || len(told) != 2 || told[1]["m.ortiz"] != Read|Compliance|Operations {
		t.Errorf("%v, told %v", ok, told)
	}
	if err := u.Settle(now); err != nil || len(told) != 2 {
		t.Errorf("told again: %v %v", told, err)
	}
	if err := u.Settle(until); err != nil || len(told) != 3 || told[2]["m.ortiz"] != Read|Compliance {
		t.Errorf("when one token has ended: %v %v", told, err)
	}
	if err := u.Settle(until.Add(-time.Second)); err != nil || len(told) != 3 {
		t.Errorf("by a clock that was read before: %v %v", told, err)
	}
	if err := os.WriteFile(path, []byte("m.ortiz\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	if err := u.Settle(until); err == nil || len(told) != 3 {
		t.Errorf("a file that does not read: %v %v", told, err)
	}
}
