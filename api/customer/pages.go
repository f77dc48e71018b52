package customer

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strconv"
	"strings"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/identity"
	"sallyport/money"
	"sallyport/signin"
	"sallyport/venue/tape"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static/me.css
var sheet []byte

//go:embed static/me.js
var script []byte

// pages are the templates of each language, each with the layout.
type pages map[tongue]map[string]*template.Template

var pageWords = template.FuncMap{
	"amount": func(a money.Amount) string { return a.String() },
	"number": func(n uint64) string { return strconv.FormatUint(n, 10) },
}

var pageNames = []string{"sign-up", "application", "sign-in", "standing", "keys", "identity", "security", "forgotten", "ticket", "answer"}

func readPages() (pages, error) {
	all := pages{}
	for _, t := range tongues {
		read := func(onto *template.Template, name string) (*template.Template, error) {
			b, err := pageFiles.ReadFile("pages/" + name + ".html")
			if err != nil {
				return nil, err
			}
			source, err := t.template(string(b))
			if err != nil {
				return nil, err
			}
			return onto.Parse(source)
		}
		layout, err := read(template.New("layout").Funcs(t.words()), "layout")
		if err != nil {
			return nil, fmt.Errorf("customer: %w", err)
		}
		all[t] = map[string]*template.Template{}
		for _, name := range pageNames {
			page, err := layout.Clone()
			if err == nil {
				page, err = read(page, name)
			}
			if err != nil {
				return nil, fmt.Errorf("customer: %w", err)
			}
			all[t][name] = page
		}
	}
	return all, nil
}

func becameWord(s string) string {
	switch s {
	case "available":
		return "credited"
	case "apart":
		return "set apart"
	case "requested", "sending":
		return "on its way"
	}
	return s
}

func stateWord(s identity.State) string {
	switch s {
	case identity.Waits:
		return "waiting for a person to look"
	case identity.Accepted:
		return "identified"
	case identity.Refused:
		return "not accepted"
	}
	return "nothing handed in yet"
}

// A page is what every page has around its own content.
type page struct {
	Title    string
	Section  string // of the menu
	SignedIn bool
	Language tongue
	Back     string // where the page is found again
	Fault    *fault
	Said     string // the fault
	Body     any
}

// inputs are the inputs of pages for what a fault's field names: by the page and the field, where the page's
// word for it is its own, or else by the field.
var inputs = map[string]struct{ name, label string }{
	"application name":   {"name", "Whole name, as in your document"},
	"native_name":        {"native_name", "The same in your own script"},
	"former_names":       {"former_names", "Former names"},
	"birth":              {"birth", "Born on"},
	"birth_country":      {"birth_country", "Country of birth"},
	"citizenships":       {"citizenships", "Citizen of"},
	"residence.street":   {"street", "Street and number"},
	"residence.postcode": {"postcode", "Postcode"},
	"residence.town":     {"town", "Town"},
	"residence.region":   {"region", "Region"},
	"residence.country":  {"country", "Country"},
	"telephone":          {"telephone", "Telephone"},
	"documents":          {"document_number", "A document that shows it"},
	"documents.type":     {"document_type", "Kind"},
	"documents.number":   {"document_number", "Number"},
	"documents.country":  {"document_country", "Issued by"},
	"email":              {"email", "E-mail address"},
	"password":           {"password", "Password"},
	"new":                {"new", "New password"},
	"security name":      {"name", "What you call it"},
	"days":               {"days", "For so many days"},
	"from":               {"from", "From these addresses"},
	"may":                {"may", "It may"},
	"public_key":         {"public_key", "With a public key of your own"},
}

// onPage is a fault in the words of a page, which knows its fields by their labels, and the input that it is of.
func (f *fault) onPage(page string, t tongue) (text, input string) {
	in, ok := inputs[page+" "+f.field]
	if !ok {
		in, ok = inputs[f.field]
	}
	if !ok {
		return f.in(t), ""
	}
	plain := *f
	plain.field = t.say(in.label)
	return plain.in(t), in.name
}

// Told is the decision behind a fault, in words.
func (f *fault) Told() []told { return f.told }

func (v *visit) show(status int, name, title string, f *fault, body any) {
	p := page{Title: title, Section: name, SignedIn: v.account != 0, Language: v.tongue(), Back: "/me", Fault: f, Body: body}
	if v.r.Method == http.MethodGet {
		p.Back = v.r.URL.RequestURI()
	}
	input := ""
	if f != nil {
		status = reasons[f.reason].status
		p.Said, input = f.onPage(name, p.Language)
		if f.wait > 0 {
			v.w.Header().Set("Retry-After", strconv.Itoa(seconds(f.wait)))
		}
	}
	var b bytes.Buffer
	if err := v.pages[p.Language][name].ExecuteTemplate(&b, "layout", p); err != nil {
		panic(fmt.Sprintf("customer: page %s: %v", name, err)) // a page that does not fit its data is our own bug
	}
	made := b.Bytes()
	if input != "" { // what is wrong is said of the field, and writing goes on there
		at := []byte(` name="` + input + `"`)
		made = bytes.Replace(made, at, append(at, ` aria-invalid="true" aria-describedby="fault" autofocus="autofocus"`...), 1)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", string(p.Language))
	v.w.WriteHeader(status)
	v.w.Write(made)
}

// answer is a page that says what came of something.
func (v *visit) answer(title string, f *fault, body answerPage) {
	v.show(http.StatusOK, "answer", title, f, body)
}

type answerPage struct {
	Heading string
	Text    []string
	Verdict *verdict
	Secrets []string // shown this once
	Next    string   // where to go on
	NextTo  string
}

func (v *visit) redirect(to string) { http.Redirect(v.w, v.r, to, http.StatusSeeOther) }

// pageRoutes are those of /me.
func (s *Server) pageRoutes() {
	open := func(pattern string, serve func(*visit)) {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			v := s.visit(w, r)
			if err := v.pace(); err != nil {
				v.answer("Later", s.asFault(err), answerPage{Heading: "Come again in a moment"})
				return
			}
			serve(v)
		})
	}
	// Of who is signed in, from a place where they may be served.
	own := func(pattern string, serve func(*visit)) {
		open(pattern, func(v *visit) {
			err := v.enter()
			if err == nil {
				serve(v)
				return
			}
			if f := s.asFault(err); f.reason == signedOut {
				v.redirect("/me/sign-in")
			} else {
				v.answer("Not from here", f, answerPage{Heading: "This cannot be shown"})
			}
		})
	}
	open("GET /me/sign-up", func(v *visit) { v.signUpPage(nil, "") })
	open("POST /me/sign-up", pageSignUp)
	open("GET /me/application", func(v *visit) { v.applicationPage(nil, &application{Token: v.r.URL.Query().Get("token")}) })
	open("POST /me/application", pageApply)
	open("GET /me/sign-in", func(v *visit) { v.signInPage(nil, "") })
	open("POST /me/sign-in", pageSignIn)
	open("POST /me/sign-out", pageSignOut)
	open("POST /me/language", chooseTongue)
	own("GET /me", func(v *visit) { v.standingPage() })
	own("GET /me/keys", func(v *visit) { v.keysPage(nil, &keyRequest{}) })
	own("POST /me/keys", pageMakeKey)
	own("POST /me/keys/remove", pageDropKey)
	own("GET /me/identity", func(v *visit) { v.show(http.StatusOK, "identity", "Who I am", nil, v.identity()) })
	own("POST /me/identity", pageHandIn)
	own("GET /me/security", func(v *visit) { v.securityPage(nil) })
	own("POST /me/security/totp", pageNewTOTP)
	own("POST /me/security/totp/confirm", pageConfirmTOTP)
	own("POST /me/security/totp/off", pageDropTOTP)
	own("POST /me/security/password", pagePassword)
	own("POST /me/security/email", pageEmail)
	own("POST /me/security/email/letter", pageConfirmation)
	open("GET /me/email", func(v *visit) { v.ticketPage(nil, signin.ConfirmEmail, signin.ChangeEmail) })
	open("POST /me/email", pageConfirmEmail)
	open("GET /me/forgotten", func(v *visit) { v.forgottenPage(nil, "") })
	open("POST /me/forgotten", pageForgotten)
	open("GET /me/password", func(v *visit) { v.ticketPage(nil, signin.NewPassword) })
	open("POST /me/password", pageResetPassword)
	open("GET /me/invitation", func(v *visit) { v.ticketPage(nil, signin.Invitation) })
	open("POST /me/invitation", pageInvitation)
	own("POST /me/security/sessions/end", pageEndSession)
	own("POST /me/security/passkeys/new", pageNewPasskey)
	own("POST /me/security/passkeys", pageKeepPasskey)
	own("POST /me/security/passkeys/remove", pageDropPasskey)
	for path, file := range map[string]struct {
		kind  string
		bytes []byte
	}{"me.css": {"text/css", sheet}, "me.js": {"text/javascript", script}} {
		s.mux.HandleFunc("GET /me/"+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", file.kind+"; charset=utf-8")
			w.Write(file.bytes)
		})
	}
	open("/me/", func(v *visit) {
		v.answer("Not here", &fault{reason: notFound}, answerPage{Heading: "There is no page here", Next: "My account", NextTo: "/me"})
	})
}

// form reads the fields of a form, and answers itself where they do not come.
func (v *visit) form() bool {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxBody)
	if err := v.r.ParseForm(); err != nil {
		v.answer("Not read", v.asFault(readFault(err)), answerPage{Heading: "The form did not come whole", Next: "My account", NextTo: "/me"})
		return false
	}
	if err := v.look(); err != nil {
		v.redirect("/me/sign-in")
		return false
	}
	return true
}

func (v *visit) field(name string) string { return v.r.PostForm.Get(name) }

// proof is what a form holds of a customer's proof.
func (v *visit) proof() proving {
	return proving{v.field("password"), v.field("code"), answer(v.field("passkey"))}
}

// again is what a page asks for a proof with.
type again struct {
	Code    bool   // a code is asked for
	Passkey string // what a device is asked, in JSON, or "" where there is none to ask
}

func (v *visit) again() again {
	l, _ := v.x.Login(v.account)
	a := again{Code: l.Second()}
	if len(l.Passkeys) > 0 {
		a.Passkey = v.question(purposeAgain(v.account))
	}
	return a
}

// question is what a device is asked for a purpose, or "" where there are no passkeys.
func (v *visit) question(purpose string) string {
	m, err := v.askPasskey(purpose)
	if err != nil {
		return ""
	}
	return string(m)
}

// pieces are the parts of a text that commas or lines part.
func pieces(s string) []string {
	var all []string
	for p := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '\r' }) {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

func (v *visit) signUpPage(f *fault, mail string) {
	v.show(http.StatusOK, "sign-up", "Sign up", f, struct {
		Open, Mails bool
		Email       string
	}{v.o.SignUp, v.mails(), mail})
}

func pageSignUp(v *visit) {
	if !v.form() {
		return
	}
	if err := v.signUp(v.field("email")); err != nil {
		v.signUpPage(v.asFault(err), v.field("email"))
		return
	}
	v.onItsWay("Open the link in it within three days, and say who you are.")
}

type applicationBody struct {
	Operators []tape.Operator
	*application
	Document entity.Identifier
}

func (b applicationBody) Citizen() string { return strings.Join(b.Citizenships, ", ") }
func (b applicationBody) Former() string  { return strings.Join(b.FormerNames, ", ") }

// applicationPage asks who somebody is whom a letter reached.
func (v *visit) applicationPage(f *fault, a *application) {
	var err error
	if a.Email, err = v.applicant(a.Token); err != nil {
		v.answer("Not good any longer", v.asFault(err), answerPage{Heading: "This cannot be done", Next: "Sign in", NextTo: "/me/sign-in"})
		return
	}
	b := applicationBody{Operators: v.x.View().Genesis().Operators, application: a}
	if len(a.Documents) > 0 {
		b.Document = a.Documents[0]
	}
	v.show(http.StatusOK, "application", "Sign up", f, b)
}

func pageApply(v *visit) {
	if !v.form() {
		return
	}
	a := &application{
		Token: v.field("token"), Password: v.field("password"), Operator: v.field("operator"), Name: v.field("name"), NativeName: v.field("native_name"),
		FormerNames: pieces(v.field("former_names")), Birth: v.field("birth"), BirthCountry: v.field("birth_country"), Citizenships: pieces(v.field("citizenships")),
		Residence: entity.Place{
			Street: v.field("street"), Town: v.field("town"), Region: v.field("region"), Postcode: v.field("postcode"), Country: v.field("country"),
		},
		Telephone: v.field("telephone"),
		Documents: []entity.Identifier{{Type: v.field("document_type"), Number: v.field("document_number"), Country: v.field("document_country")}},
	}
	opened, err := v.apply(a)
	if err != nil {
		v.applicationPage(v.asFault(err), a)
		return
	}
	d := verdictOf(&opened.Decision)
	if opened.Refused {
		v.answer("Refused", nil, answerPage{Heading: "No account was opened", Text: []string{"This is why, in English and in Russian."}, Verdict: &d})
		return
	}
	p := answerPage{Heading: "Your account is open, and " + gate.StandingWord(d.Verdict), Verdict: &d, Next: "Sign in", NextTo: "/me/sign-in"}
	if v.x.Unidentified(opened.Account) {
		p.Text = append(p.Text, "Next, show who you are: sign in and hand in a picture of your document. Until a person has looked at it you can neither trade nor withdraw.")
	}
	v.answer("Signed up", nil, p)
}

func (v *visit) signInPage(f *fault, mail string) {
	v.show(http.StatusOK, "sign-in", "Sign in", f, struct {
		Email   string
		Open    bool
		Mails   bool
		Passkey string
	}{mail, v.opens() == nil, v.mails(), v.question(purposeSignIn)})
}

func pageSignIn(v *visit) {
	if !v.form() {
		return
	}
	c := &credentials{v.field("email"), v.proof()}
	if err := v.signIn(c); err != nil {
		v.signInPage(v.asFault(err), c.Email)
		return
	}
	v.redirect("/me")
}

func pageSignOut(v *visit) {
	if !v.form() {
		return
	}
	if err := v.signOut(v.field("everywhere") != ""); err != nil {
		v.answer("Not signed out", v.asFault(err), answerPage{Heading: "You are not signed out"})
		return
	}
	v.redirect("/me/sign-in")
}

func (v *visit) standingPage() {
	st, err := v.standing()
	var moved []movement
	if err == nil {
		moved, err = v.movements()
	}
	if err != nil {
		v.answer("Not shown", v.asFault(err), answerPage{Heading: "This cannot be shown"})
		return
	}
	v.show(http.StatusOK, "standing", "My standing", nil, struct {
		standing
		Balances  []balance
		Orders    []order
		Movements []movement
	}{st, v.balances(), v.orders(), moved})
}

type keysBody struct {
	Keys  []key
	Made  *key
	Ask   *keyRequest
	Again again
}

func (b keysBody) Asks(may string) bool {
	for _, m := range b.Ask.May {
		if string(m) == may {
			return true
		}
	}
	return len(b.Ask.May) == 0 && may == string(exchange.KeyReads)
}

func (b keysBody) From() string { return strings.Join(b.Ask.From, "\n") }

func (v *visit) keysPage(f *fault, ask *keyRequest) {
	v.show(http.StatusOK, "keys", "My keys", f, keysBody{Keys: v.keys(), Ask: ask, Again: v.again()})
}

func pageMakeKey(v *visit) {
	if !v.form() {
		return
	}
	ask := &keyRequest{Label: v.field("label"), From: pieces(v.field("from")), Public: v.field("public_key"), proving: v.proof()}
	for _, m := range v.r.PostForm["may"] {
		ask.May = append(ask.May, exchange.KeyMay(m))
	}
	var err error
	if text := strings.TrimSpace(v.field("days")); text != "" {
		if ask.Days, err = strconv.Atoi(text); err != nil {
			v.keysPage(missing("days", "Want a number of days, or nothing."), ask)
			return
		}
	}
	k, err := v.makeKey(ask)
	if err != nil {
		v.keysPage(v.asFault(err), ask)
		return
	}
	v.show(http.StatusCreated, "keys", "My keys", nil, keysBody{Keys: v.keys(), Made: &k, Ask: &keyRequest{}, Again: v.again()})
}

func pageDropKey(v *visit) {
	if !v.form() {
		return
	}
	if err := v.dropKey(v.field("key")); err != nil {
		v.keysPage(v.asFault(err), &keyRequest{})
		return
	}
	v.redirect("/me/keys")
}

func pageHandIn(v *visit) {
	fail := func(err error) { v.show(http.StatusOK, "identity", "Who I am", v.asFault(err), v.identity()) }
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload)
	parts, err := v.r.MultipartReader() // which writes nothing to the disk
	if err != nil {
		fail(readFault(err))
		return
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			fail(&fault{reason: notTaken, text: "Choose a file first."})
			return
		} else if err != nil {
			fail(readFault(err))
			return
		}
		if part.FormName() != "file" {
			continue
		}
		b, err := io.ReadAll(part)
		if err != nil {
			fail(readFault(err))
			return
		}
		if err := v.look(); err != nil {
			v.redirect("/me/sign-in")
			return
		}
		if _, err := v.handIn(b); err != nil {
			fail(err)
			return
		}
		v.redirect("/me/identity")
		return
	}
}

type securityBody struct {
	Email    string
	TOTP     bool
	Second   bool
	Recovery int
	Secret   string // of a new authenticator, until it is confirmed
	URI      string
	QR       drawing // of the URI
	Takes    bool    // passkeys
	Passkeys []passkey
	Make     string // what a device is asked that makes one, until it has
	Again    again
	Sessions []session

	Mails     bool
	Confirmed bool // the address is known to be theirs
}

func (v *visit) securityBody() securityBody {
	l, _ := v.x.Login(v.account)
	return securityBody{
		Email: l.Email, TOTP: len(l.TOTP) > 0, Second: l.Second(), Recovery: len(l.Recovery),
		Takes: v.passkeys != nil, Passkeys: v.ownPasskeys(), Again: v.again(), Sessions: v.ownSessions(),
		Mails: v.mails(), Confirmed: !l.Confirmed.IsZero(),
	}
}

func (v *visit) securityPage(f *fault) {
	v.show(http.StatusOK, "security", "Security", f, v.securityBody())
}

func pageNewTOTP(v *visit) {
	if !v.form() {
		return
	}
	secret, mail, err := v.newTOTP(v.proof())
	if err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	b := v.securityBody()
	b.Secret, b.URI = signin.SecretText(secret), signin.SecretURI(secret, issuer, mail)
	b.QR = drawQR(b.URI)
	v.show(http.StatusOK, "security", "Security", nil, b)
}

func pageNewPasskey(v *visit) {
	if !v.form() {
		return
	}
	asked, err := v.newPasskey(v.proof())
	if err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	b := v.securityBody()
	b.Make = string(asked)
	v.show(http.StatusOK, "security", "Security", nil, b)
}

func pageKeepPasskey(v *visit) {
	if !v.form() {
		return
	}
	codes, err := v.keepPasskey(v.field("name"), answer(v.field("passkey")))
	if err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	if codes == nil {
		v.redirect("/me/security")
		return
	}
	v.answer("Passkey", nil, answerPage{
		Heading: "You sign in with this passkey from now on",
		Text: []string{
			"Your password alone does not sign you in any more.",
			"Keep these recovery codes where you keep papers. With your password, each lets you in once, should you lose the passkey. They are shown this once. Every other session of yours has ended.",
		},
		Secrets: codes, Next: "Security", NextTo: "/me/security",
	})
}

func pageDropPasskey(v *visit) {
	if !v.form() {
		return
	}
	if err := v.dropPasskey(v.field("id"), v.proof()); err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.redirect("/me/security")
}

// onItsWay says that a letter will come.
func (v *visit) onItsWay(text string) {
	says := []string{text, "One address gets a few letters and then none for a while. If none comes, look where unwanted mail goes, and try again later."}
	if v.o.Kept {
		says = []string{text, "This exchange has no mail server yet: the letter lies in the folder outbox of its data, where its operator finds it, and is sent to nobody."}
	}
	v.answer("A letter", nil, answerPage{Heading: "A letter is on its way", Text: says, Next: "My account", NextTo: "/me"})
}

func pageEmail(v *visit) {
	if !v.form() {
		return
	}
	if err := v.askEmail(v.field("email"), v.proof()); err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.onItsWay("Open the link in it within a day. Until then you sign in as before.")
}

func pageConfirmation(v *visit) {
	if !v.form() {
		return
	}
	if err := v.sendConfirmation(v.account); err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.onItsWay("Open the link in it within three days.")
}

func (v *visit) forgottenPage(f *fault, mail string) {
	v.show(http.StatusOK, "forgotten", "A new password", f, struct {
		Email string
		Mails bool
	}{mail, v.mails()})
}

func pageForgotten(v *visit) {
	if !v.form() {
		return
	}
	if err := v.forgotten(v.field("email")); err != nil {
		v.forgottenPage(v.asFault(err), v.field("email"))
		return
	}
	v.onItsWay("Open the link in it within half an hour. If no customer signs in with this e-mail address, or they have not confirmed that it is theirs, the letter says so and has none.")
}

// ticketPage asks for what the ticket of a letter is good for. Nothing is done by opening it: who reads
// letters for others opens links.
func (v *visit) ticketPage(f *fault, purposes ...signin.Purpose) {
	token := v.r.URL.Query().Get("token") // and nothing of a body, which whoever only looks has none of
	if v.r.Method == http.MethodPost {
		token = v.field("token")
	}
	account, l, t, err := v.ticket(token, purposes...)
	if err != nil {
		v.answer("Not good any longer", v.asFault(err), answerPage{Heading: "This cannot be done", Next: "Sign in", NextTo: "/me/sign-in"})
		return
	}
	b := ticketBody{Token: token, Purpose: t.Purpose, Email: l.Email}
	switch t.Purpose {
	case signin.ChangeEmail:
		b.Email = t.Email
	case signin.NewPassword:
		b.Again.Code = l.Second()
		if len(l.Passkeys) > 0 {
			b.Again.Passkey = v.question(purposeReset(account))
		}
	}
	v.show(http.StatusOK, "ticket", "Your account", f, b)
}

type ticketBody struct {
	Token   string
	Purpose signin.Purpose
	Email   string
	Again   again
}

// pageTicket does what a ticket is good for.
func (v *visit) pageTicket(done string, use func(token string) error, purposes ...signin.Purpose) {
	if !v.form() {
		return
	}
	if err := use(v.field("token")); err != nil {
		v.ticketPage(v.asFault(err), purposes...)
		return
	}
	next, to := "Sign in", "/me/sign-in"
	if v.account != 0 {
		next, to = "My account", "/me"
	}
	v.answer("Done", nil, answerPage{Heading: done, Next: next, NextTo: to})
}

func pageConfirmEmail(v *visit) {
	v.pageTicket("Your e-mail address is confirmed", v.confirmEmail, signin.ConfirmEmail, signin.ChangeEmail)
}

func pageResetPassword(v *visit) {
	v.pageTicket("Your password is changed", func(token string) error { return v.resetPassword(token, v.field("new"), v.proof()) }, signin.NewPassword)
}

func pageInvitation(v *visit) {
	v.pageTicket("You can sign in", func(token string) error { return v.acceptInvitation(token, v.field("new")) }, signin.Invitation)
}

func pageEndSession(v *visit) {
	if !v.form() {
		return
	}
	if err := v.endSession(v.field("id")); err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.redirect("/me/security")
}

func pageConfirmTOTP(v *visit) {
	if !v.form() {
		return
	}
	codes, err := v.confirmTOTP(v.field("code"))
	if err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.answer("Authenticator", nil, answerPage{
		Heading: "A code is asked for from now on",
		Text:    []string{"Keep these recovery codes where you keep papers. Each lets you in once, should you lose the authenticator. They are shown this once. Every other session of yours has ended."},
		Secrets: codes, Next: "Security", NextTo: "/me/security",
	})
}

func pageDropTOTP(v *visit) {
	if !v.form() {
		return
	}
	if err := v.dropTOTP(v.proof()); err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.redirect("/me/security")
}

func pagePassword(v *visit) {
	if !v.form() {
		return
	}
	if err := v.changePassword(v.proof(), v.field("new")); err != nil {
		v.securityPage(v.asFault(err))
		return
	}
	v.answer("Password", nil, answerPage{Heading: "The password is changed", Text: []string{"Every other session of yours has ended."}, Next: "Security", NextTo: "/me/security"})
}
