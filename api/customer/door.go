package customer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/geo"
	"sallyport/signin"
)

// An application is what a person tells who asks for an account. Firms are opened at the
// desk, which reads who owns them.
type application struct {
	Token        string              `json:"token"` // of the letter, which says whose address it is
	Email        string              `json:"-"`
	Password     string              `json:"password"`
	Operator     string              `json:"operator"`
	Name         string              `json:"name"`          // whole, as in the document
	NativeName   string              `json:"native_name"`   // the same in the bearer's own script, or ""
	FormerNames  []string            `json:"former_names"`  // or none
	Birth        string              `json:"birth"`         // 1985-05-17
	BirthCountry string              `json:"birth_country"` // or ""
	Citizenships []string            `json:"citizenships"`  // all of them
	Residence    entity.Place        `json:"residence"`
	Telephone    string              `json:"telephone"` // or ""
	Documents    []entity.Identifier `json:"documents"`
}

// Format keeps the password and the person out of logs, whatever verb it is printed with.
func (a application) Format(f fmt.State, _ rune) { fmt.Fprint(f, "application") }

// Bounds of an application.
const (
	maxText         = 200 // bytes of one field
	maxCitizenships = 10
	maxDocuments    = 10
	maxFormer       = 10
	leastAge        = 18
)

func missing(field, text string) *fault { return &fault{reason: unfit, field: field, text: text} }

// wholeName says whether a name can be a whole one: of two words or more, or of two characters or more in a script
// that writes a whole name as one word.
func wholeName(name string) bool {
	if strings.Contains(name, " ") {
		return true
	}
	return utf8.RuneCountInString(name) > 1 && !strings.ContainsFunc(name, func(r rune) bool {
		return !unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) && r != '々' && r != 'ー'
	})
}

// profile is what the gate is asked about, or what is missing.
func (a *application) profile(now time.Time) (*entity.Profile, error) {
	p := &entity.Profile{}
	p.Kind = entity.Person
	text := func(field string, s *string, must bool) error {
		*s = strings.Join(strings.Fields(*s), " ")
		switch {
		case *s == "" && must:
			return missing(field, "It is missing.")
		case len(*s) > maxText || !utf8.ValidString(*s) || strings.ContainsFunc(*s, func(r rune) bool { return r < ' ' }):
			return missing(field, fmt.Sprintf("Want text of at most %d bytes.", maxText))
		}
		return nil
	}
	country := func(field string, s *string, must bool) error {
		if err := text(field, s, must); err != nil || *s == "" {
			return err
		}
		code, ok := geo.Country(*s)
		if !ok {
			return missing(field, "No country of this name is known. Write its name in English, or its two letters (ISO 3166).")
		}
		*s = code
		return nil
	}
	res := &a.Residence
	err := cmp.Or(
		text("name", &a.Name, true), text("native_name", &a.NativeName, false), text("birth", &a.Birth, true),
		country("birth_country", &a.BirthCountry, false),
		text("residence.street", &res.Street, false), text("residence.town", &res.Town, true), text("residence.region", &res.Region, false),
		text("residence.postcode", &res.Postcode, false), country("residence.country", &res.Country, true), text("telephone", &a.Telephone, false),
	)
	if err != nil {
		return nil, err
	}
	if !wholeName(a.Name) {
		return nil, missing("name", "Want the whole name, as in the document. Who has one name alone is opened an account by the desk.")
	}
	p.Names = append(p.Names, entity.Name{Full: a.Name, Kind: entity.Primary})
	if a.NativeName != "" {
		p.Names = append(p.Names, entity.Name{Full: a.NativeName, Kind: entity.Original})
	}
	if len(a.FormerNames) > maxFormer {
		return nil, missing("former_names", fmt.Sprintf("At most %d are taken.", maxFormer))
	}
	for i := range a.FormerNames {
		if err := text("former_names", &a.FormerNames[i], true); err != nil {
			return nil, err
		}
		p.Names = append(p.Names, entity.Name{Full: a.FormerNames[i], Kind: entity.Former})
	}
	born, err := entity.ParseDay(a.Birth)
	if err != nil || born.Year < 1900 {
		return nil, missing("birth", "Want a day such as 1985-05-17.")
	}
	if born.Time().AddDate(leastAge, 0, 0).After(now) {
		return nil, missing("birth", fmt.Sprintf("Accounts are opened from the age of %d.", leastAge))
	}
	p.Birth = []entity.Dates{entity.Exact(born)}
	if a.BirthCountry != "" {
		p.BirthPlaces = []string{a.BirthCountry}
	}
	if n := len(a.Citizenships); n == 0 || n > maxCitizenships {
		return nil, missing("citizenships", fmt.Sprintf("Want every country of which you are a citizen, one to %d.", maxCitizenships))
	}
	for i := range a.Citizenships {
		if err := country("citizenships", &a.Citizenships[i], true); err != nil {
			return nil, err
		}
		if !slices.Contains(p.Nationalities, a.Citizenships[i]) {
			p.Nationalities = append(p.Nationalities, a.Citizenships[i])
		}
	}
	if n := len(a.Documents); n == 0 || n > maxDocuments {
		return nil, missing("documents", fmt.Sprintf("Want at least one, such as a passport, and at most %d.", maxDocuments))
	}
	for i := range a.Documents {
		d := &a.Documents[i]
		d.Type = strings.ToLower(d.Type)
		if err := cmp.Or(text("documents.type", &d.Type, true), text("documents.number", &d.Number, true), country("documents.country", &d.Country, true)); err != nil {
			return nil, err
		}
	}
	p.Identifiers = a.Documents
	p.Residence = *res
	p.Places = []entity.Place{*res}
	p.Email = a.Email
	if a.Telephone != "" {
		p.Contacts = []string{a.Telephone}
	}
	return p, nil
}

// opens is why accounts are not opened for who asks, or nil.
func (v *visit) opens() error {
	switch {
	case !v.o.SignUp:
		return &fault{reason: noSignUp}
	case !v.mails():
		return &fault{reason: noMail}
	}
	return nil
}

// signUp sends a letter to who asks for an account: with a link to apply by or, where a customer signs
// in with the address, saying so. The answer is the same, for whoever asks may be anybody.
func (v *visit) signUp(written string) error {
	if err := v.opens(); err != nil {
		return err
	}
	to, err := signin.Email(written)
	if err != nil {
		return missing("email", "Want one e-mail address, such as ada@example.org.")
	}
	return v.writeTo(to, func(ctx context.Context) {
		if _, l, taken := v.x.LoginOf(to); taken {
			v.send(ctx, to, v.knownWords(&l))
			return
		}
		token, err := v.seals.Seal(to, v.o.Clock())
		if err != nil {
			v.o.Log.Error("the link of a sign-up could not be made", "error", err)
			return
		}
		v.send(ctx, to, v.signUpWords(v.link("/me/application", token)))
	})
}

// applicant is whose address the token of a sign-up was sent to. That a customer signs in with it by
// now is told to who reads its mail alone.
func (v *visit) applicant(token string) (string, error) {
	if err := v.opens(); err != nil {
		return "", err
	}
	email, err := v.seals.Open(token, v.now)
	if err != nil {
		return "", &fault{reason: badTicket}
	}
	if _, _, taken := v.x.LoginOf(email); taken {
		return "", &fault{reason: badTicket, text: takenByNow}
	}
	return email, nil
}

const takenByNow = "Somebody signs in with this e-mail address by now."

// apply puts an application to the gate, as the desk's are.
func (v *visit) apply(a *application) (exchange.Opened, error) {
	var none exchange.Opened
	mail, err := v.applicant(a.Token)
	if err != nil {
		return none, err
	}
	a.Email = mail
	if err := signin.CheckPassword(a.Password, mail); err != nil {
		return none, missing("password", sentence(err))
	}
	p, err := a.profile(v.x.Now())
	if err != nil {
		return none, err
	}
	login := &signin.Login{Email: mail, Since: v.now, Confirmed: v.now}
	apply := exchange.Application{Operator: a.Operator, Profile: *p, Login: login}
	if err := v.x.CheckApplication(&apply); err != nil {
		var u *exchange.Unfit
		if errors.As(err, &u) {
			return none, missing(u.Field, sentence(errors.New(u.Text)))
		}
		return none, err
	}
	// What is above costs little; what is below hashes, screens and writes to the log.
	if wait := v.arrivals.Try(v.client(), v.now); wait > 0 {
		return none, &fault{reason: tooMany, wait: wait}
	}
	if login.Password, err = v.hasher.Hash(v.r.Context(), a.Password); err != nil {
		return none, err
	}
	opened, err := v.x.Open(apply)
	if errors.Is(err, exchange.ErrEmailTaken) {
		return none, &fault{reason: badTicket, text: takenByNow}
	}
	if err != nil {
		return none, err
	}
	return opened[0], nil
}

// sentence makes one of a lower-case error.
func sentence(err error) string {
	s := err.Error()
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// proving is how a customer shows that it is them: a password, and a code where they have a
// second factor; or a passkey, which stands for both.
type proving struct {
	Password string `json:"password"`
	Code     string `json:"code"`    // of the authenticator, or a recovery code; "" is none
	Passkey  answer `json:"passkey"` // none is ""
}

// Format keeps secrets out of logs, whatever verb it is printed with.
func (p proving) Format(f fmt.State, _ rune) { fmt.Fprint(f, "proof") }

// An answer is what the browser got from a device, as PublicKeyCredential.toJSON writes it: a
// JSON object.
type answer []byte

// UnmarshalJSON takes it as it stands.
func (a *answer) UnmarshalJSON(b []byte) error {
	if string(b) != "null" {
		*a = slices.Clone(b)
	}
	return nil
}

// credentials are what a customer signs in with.
type credentials struct {
	Email string `json:"email"`
	proving
}

// signIn begins a session.
func (v *visit) signIn(c *credentials) error {
	place := v.client()
	if wait := v.places.Try(place, v.now); wait > 0 {
		return &fault{reason: tooMany, wait: wait}
	}
	p, err := v.whoSignsIn(c)
	if err != nil {
		return err
	}
	v.places.Spare(place)
	if err := v.admit(p.account); err != nil {
		return err
	}
	return v.begin(p)
}

// whoSignsIn is whom the credentials are of.
func (v *visit) whoSignsIn(c *credentials) (*proven, error) {
	if len(c.Passkey) > 0 {
		return v.passkeyOf(c.Passkey)
	}
	mail, err := signin.Email(c.Email)
	if err != nil {
		mail = strings.ToLower(c.Email[:min(len(c.Email), maxText)]) // of nobody, and counted like others
	}
	account, login, _ := v.x.LoginOf(mail)
	if wait := v.accounts.Try(mail, v.now); wait > 0 {
		return nil, &fault{reason: tooMany, wait: wait}
	}
	if err := v.prove(account, login, c.Password, c.Code); err != nil {
		return nil, err
	}
	// What others tried stays counted: were it forgotten, who guesses would see that the owner came.
	v.accounts.Spare(mail)
	return &proven{account: account, password: login.Password, second: login.Second()}, nil
}

// prove reports whether a password, and a code where the customer has a second factor, are
// right. The work is the same for an e-mail address that nobody has. The caller counts it as an attempt.
func (v *visit) prove(account uint64, login signin.Login, password, code string) error {
	if len(password) > 4*maxText { // hashed in any case, and never a password
		password = password[:4*maxText]
	}
	ok, err := v.hasher.Check(v.r.Context(), login.Password, password)
	if err != nil {
		return err
	}
	if !ok {
		return &fault{reason: wrongSignIn}
	}
	if login.Second() {
		return v.tryCode(account, code)
	}
	return nil
}

// tryCode uses up a code, of who has the password. Who has that alone could try codes until one is right, a minute apart;
// beyond a few none is looked at for a while (NIST SP 800-63B-4, section 3.2.2), and the answer is that of a wrong one,
// for it must not tell that the password is right. A passkey signs in meanwhile, and who takes another password by
// letter begins anew.
func (v *visit) tryCode(account uint64, code string) error {
	key := strconv.FormatUint(account, 10)
	if v.codes.Try(key, v.now) > 0 {
		return &fault{reason: wrongSignIn}
	}
	err := v.useCode(account, code)
	if err == nil {
		v.codes.Succeeded(key)
	}
	return err
}

// counted tries something of an account as whoever is signed in, or has a letter, may: so often for
// nothing. Strangers see nothing of it, and it is forgotten when it succeeds.
func (v *visit) counted(account uint64, try func() error) error {
	key := strconv.FormatUint(account, 10)
	if wait := v.proofs.Try(key, v.now); wait > 0 {
		return &fault{reason: tooMany, wait: wait}
	}
	err := try()
	if err == nil {
		v.proofs.Succeeded(key)
	}
	return err
}

// useCode uses up a code of the authenticator or a recovery code. That it is used up is on
// the disk before anybody is let in by it.
func (v *visit) useCode(account uint64, code string) error {
	return v.x.ChangeLogin(account, func(l *signin.Login) error {
		if len(l.TOTP) > 0 { // without a secret, anybody could compute the code
			if step, ok := signin.CheckTOTP(l.TOTP, code, v.now, l.Step); ok {
				l.Step = step
				return nil
			}
		}
		if l.Recover(code) {
			return nil
		}
		return &fault{reason: wrongSignIn}
	})
}

// reprove asks a signed-in customer to show again that it is them.
func (v *visit) reprove(p proving) error {
	login, ok := v.x.Login(v.account)
	if !ok {
		return &fault{reason: signedOut}
	}
	if len(p.Passkey) > 0 {
		return v.usePasskey(v.account, purposeAgain(v.account), p.Passkey)
	}
	return v.counted(v.account, func() error { return v.prove(v.account, login, p.Password, p.Code) })
}

// newTOTP hands out a secret, which counts once a code of it was seen.
func (v *visit) newTOTP(p proving) (secret []byte, email string, err error) {
	if err := v.reprove(p); err != nil {
		return nil, "", err
	}
	if secret, err = signin.NewSecret(v.o.Random); err != nil {
		return nil, "", err
	}
	err = v.change(func(l *signin.Login) error {
		l.NewTOTP, email = secret, l.Email
		return nil
	})
	return secret, email, err
}

// confirmTOTP takes the first code of a new authenticator, and gives recovery codes.
func (v *visit) confirmTOTP(code string) ([]string, error) {
	codes, hashes, err := signin.NewRecovery(v.o.Random)
	if err != nil {
		return nil, err
	}
	confirm := func(l *signin.Login) error {
		if len(l.NewTOTP) == 0 {
			return &fault{reason: noTOTP}
		}
		step, ok := signin.CheckTOTP(l.NewTOTP, code, v.now, 0)
		if !ok {
			return &fault{reason: wrongSignIn, text: "The code is wrong. Look whether the clock of your device is right."}
		}
		l.TOTP, l.NewTOTP, l.Step, l.Recovery = l.NewTOTP, nil, step, hashes
		l.EndOthers(v.token)
		return nil
	}
	if err := v.counted(v.account, func() error { return v.change(confirm) }); err != nil {
		return nil, err
	}
	v.tellOf(newAuthenticator)
	return codes, nil
}

// dropTOTP takes the authenticator away, and ends every other session of the customer.
func (v *visit) dropTOTP(p proving) error {
	if err := v.reprove(p); err != nil {
		return err
	}
	return v.tellAfter(noAuthenticator, func(l *signin.Login) error {
		l.TOTP, l.NewTOTP, l.Step = nil, nil, 0
		if !l.Second() {
			l.Recovery = nil // there is nothing to stand in for
		}
		l.EndOthers(v.token)
		return nil
	})
}

// changePassword ends every other session of the customer.
func (v *visit) changePassword(p proving, next string) error {
	login, ok := v.x.Login(v.account)
	if !ok {
		return &fault{reason: signedOut}
	}
	if err := signin.CheckPassword(next, login.Email); err != nil {
		return missing("new", sentence(err))
	}
	if err := v.reprove(p); err != nil {
		return err
	}
	hash, err := v.hasher.Hash(v.r.Context(), next)
	if err != nil {
		return err
	}
	return v.tellAfter(newPassword, func(l *signin.Login) error {
		l.Password = hash
		l.EndOthers(v.token)
		return nil
	})
}
