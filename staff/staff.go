// Package staff is who of an exchange's own people may use the desk: operator users, each with
// a token of their own, what they may do, and until when.
//
// Until there is one, whoever has the desk's token may do everything and says who they are; from
// then on that token opens nothing, and a name that stands beside an answer is the one whose token
// gave it. Two operator users are then two tokens.
package staff

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/internal/keyfile"
)

// A Right is what an operator user may do; rights are a set. The zero value is to do nothing.
type Right uint8

const (
	Read       Right = 1 << iota // see accounts by their numbers, decisions, lists, holds; everybody may
	Compliance                   // see who customers are, and answer: identity, likenesses, licences, addresses
	Operations                   // open accounts and keys, invite, sign out, set markets, bounds, fees, trade groups
)

var rightNames = []struct {
	right Right
	name  string
}{{Read, "read"}, {Compliance, "compliance"}, {Operations, "operations"}}

// String is the names, as [ParseRights] reads them.
func (r Right) String() string {
	var out []string
	for _, n := range rightNames {
		if r&n.right != 0 {
			out = append(out, n.name)
		}
	}
	return strings.Join(out, ",")
}

// ParseRights reads names with commas between them. Who may do anything may read.
func ParseRights(s string) (Right, error) {
	var all Right
next:
	for name := range strings.SplitSeq(s, ",") {
		for _, n := range rightNames {
			if strings.TrimSpace(name) == n.name {
				all |= n.right | Read
				continue next
			}
		}
		return 0, fmt.Errorf("staff: %q is nothing that an operator user may: want read, compliance, operations, with commas between", name)
	}
	return all, nil
}

// A User is an operator user, as known by a token. The zero value may do nothing.
type User struct {
	Name  string // "" of whoever has the desk's token
	May   Right
	Until time.Time         // the first instant after it; zero is without end
	Token [sha256.Size]byte // its hash, to find the user again by
}

// Shared reports whether it is whoever has the desk's token, whose name is their word.
func (u User) Shared() bool { return u.Name == "" && u.May != 0 }

// By is the name to put beside what the user says, where told is the name that came with it: their
// own if they have one, whether told or not.
func (u User) By(told string) (string, error) {
	told = strings.Join(strings.Fields(told), " ")
	if u.Name == "" || told == "" || told == u.Name {
		if u.Name != "" {
			told = u.Name
		}
		return told, nil
	}
	return "", &OtherName{told, u.Name}
}

// OtherName is the error of a name that came with another user's token.
type OtherName struct{ Told, Own string }

func (e *OtherName) Error() string {
	return fmt.Sprintf("the token is %s's and not %s's", e.Own, e.Told)
}

// Users are all operator users of an exchange. The zero value lets nobody in.
type Users struct {
	file   *keyfile.File // nil where there are none
	shared [sha256.Size]byte
	opens  bool // shared is of a token

	mu     sync.Mutex
	tell   func(map[string]Right) error
	told   map[string]Right // what tell was told; nil before it was
	latest time.Time        // that a caller said it was
}

// tokenPrefix lets a token that has got into the wrong place be recognised.
const tokenPrefix = "spd_"

// Shared are no operator users, and a desk's token that everybody has; an empty one lets nobody in.
func Shared(token string) *Users {
	return &Users{shared: sha256.Sum256([]byte(token)), opens: token != ""}
}

// Open reads the file of operator users; where there is no file, the desk's token is everybody's. One that names nobody lets
// nobody in, and so does one that does not read, of which the error tells; it is read again.
func Open(path, token string) (*Users, error) {
	u := Shared(token)
	var err error
	u.file, err = keyfile.Open(path, checkLine)
	if err != nil {
		return u, fmt.Errorf("staff: %w", err)
	}
	return u, nil
}

// checkLine says what keeps a line from being an operator user's after the lines before it, as [Add] does. The file is
// there to be edited, and a name is what stands beside an answer: one that another may be taken for is nobody's.
func checkLine(before []keyfile.Line, l keyfile.Line) error {
	if reserved[strings.ToLower(l.Name)] {
		return fmt.Errorf("%q is nobody's name: the exchange itself says things under it; write another, or take the line out", l.Name)
	}
	if other := namesake(before, l.Name); other != "" {
		return fmt.Errorf("%q differs in capitals alone from the %q of a line before, and would be taken for them; write both alike if they are one operator user's tokens, or give one another name", l.Name, other)
	}
	_, err := userOf(l)
	return err
}

// namesake is the name of a line that differs from a name in capitals alone, or "".
func namesake(lines []keyfile.Line, name string) string {
	i := slices.IndexFunc(lines, func(l keyfile.Line) bool { return l.Name != name && strings.EqualFold(l.Name, name) })
	if i < 0 {
		return ""
	}
	return lines[i].Name
}

func userOf(l keyfile.Line) (User, error) {
	u := User{Name: l.Name, Token: l.Sum}
	if len(l.More) == 0 || len(l.More) > 2 {
		return User{}, errors.New("want a name, a hash, a day, rights, and the day from which they end if they do; sallyport operator-user writes such lines")
	}
	var err error
	if u.May, err = ParseRights(l.More[0]); err == nil && len(l.More) == 2 {
		u.Until, err = time.Parse(time.DateOnly, l.More[1])
	}
	if err != nil {
		return User{}, err
	}
	return u, nil
}

// Named reports whether there is a file of operator users, so that the desk's token opens nothing.
func (u *Users) Named() bool {
	if u.file == nil {
		return false
	}
	_, there, _ := u.file.Lines()
	return there
}

// Locked reports whether nobody can be let in.
func (u *Users) Locked() bool { return !u.opens && !u.Named() }

// Follow has somebody told who the operator users are and what each may, by name, before anybody is let in by
// what they have not heard of; while they fail, nobody is. Several tokens of a name are one user, who may
// what any of them may.
func (u *Users) Follow(tell func(map[string]Right) error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.tell, u.told = tell, nil
}

// Settle tells whoever follows what has changed by that time.
func (u *Users) Settle(now time.Time) error {
	_, _, err := u.settled(now)
	return err
}

// settled are the lines of the file, of which whoever follows has heard, and whether there is one.
func (u *Users) settled(now time.Time) (lines []keyfile.Line, there bool, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now.Before(u.latest) { // the caller read the clock before it waited here
		now = u.latest
	}
	u.latest = now
	if u.file != nil {
		if lines, there, err = u.file.Lines(); err != nil {
			return nil, true, fmt.Errorf("staff: %w", err)
		}
	}
	if u.tell == nil {
		return lines, there, nil
	}
	all := map[string]Right{}
	for _, l := range lines {
		if one, err := userOf(l); err == nil && one.counts(now) {
			all[one.Name] |= one.May
		}
	}
	if u.told != nil && maps.Equal(all, u.told) {
		return lines, there, nil
	}
	if err := u.tell(maps.Clone(all)); err != nil {
		return nil, there, err
	}
	u.told = all
	return lines, there, nil
}

func (u User) counts(now time.Time) bool { return u.Until.IsZero() || now.Before(u.Until) }

// Admit is who has the token, at that time.
func (u *Users) Admit(token string, now time.Time) (User, bool) {
	return u.Find(sha256.Sum256([]byte(token)), now)
}

// Find is who has a token of that hash, at that time: nobody any more once it was removed or has
// run out, or once there are operator users and it is the desk's.
func (u *Users) Find(sum [sha256.Size]byte, now time.Time) (User, bool) {
	lines, there, err := u.settled(now)
	if err != nil {
		return User{}, false
	}
	for _, l := range lines {
		if l.Sum != sum {
			continue
		}
		if one, err := userOf(l); err == nil && one.counts(now) {
			return one, true
		}
		return User{}, false
	}
	if there {
		return User{}, false
	}
	if !u.opens || subtle.ConstantTimeCompare(sum[:], u.shared[:]) != 1 {
		return User{}, false
	}
	return User{May: Read | Compliance | Operations, Token: sum}, true
}

// reserved are names under which what no person says is recorded.
var reserved = map[string]bool{"venue": true, "desk": true, "customer": true}

// Add makes an operator user's token, which is shown this once, and puts its hash into the file.
// Until is the day from which it opens nothing; zero is without end. A user may have several, so that one can take
// another's place.
func Add(path, name string, may Right, until time.Time, random io.Reader, day time.Time) (token string, err error) {
	if may == 0 {
		return "", errors.New("staff: want something that the operator user may do: read, compliance, operations")
	}
	if reserved[strings.ToLower(name)] {
		return "", fmt.Errorf("staff: %q is nobody's name: the exchange itself says things under it", name)
	}
	f, err := keyfile.Open(path, checkLine)
	if err != nil {
		return "", fmt.Errorf("staff: %w", err)
	}
	lines, _, err := f.Lines()
	if err != nil {
		return "", fmt.Errorf("staff: %w", err)
	}
	if other := namesake(lines, name); other != "" {
		return "", fmt.Errorf("staff: there is an operator user %q; a name that differs in capitals alone would be taken for theirs", other)
	}
	more := []string{may.String()}
	if !until.IsZero() {
		more = append(more, until.UTC().Format(time.DateOnly))
	}
	if token, err = keyfile.Make(path, tokenPrefix, name, more, random, day); err != nil {
		return "", fmt.Errorf("staff: %w", err)
	}
	return token, nil
}

// Remove takes all tokens of an operator user out of the file and says how many there were.
func Remove(path, name string) (int, error) {
	n, err := keyfile.Remove(path, name)
	if err != nil {
		return 0, fmt.Errorf("staff: %w", err)
	}
	return n, nil
}

// List are the operator users of a file, in its order, and the days on which their tokens were made.
func List(path string) (users []User, made []string, err error) {
	f, err := keyfile.Open(path, checkLine)
	if err != nil {
		return nil, nil, fmt.Errorf("staff: %w", err)
	}
	lines, _, err := f.Lines()
	for _, l := range lines {
		one, wrong := userOf(l)
		if wrong != nil {
			return nil, nil, fmt.Errorf("staff: %s: %s: %w", path, l.Name, wrong)
		}
		users, made = append(users, one), append(made, l.Made)
	}
	return users, made, err
}
