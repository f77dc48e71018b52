package customer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sallyport/law"
	"sallyport/signin"
)

// serve carries out a request and gives the status and the answer.
type serve func(*visit) (int, any, error)

// routes are those of /customer/v1: whether a session is asked for, and what is done.
func (s *Server) routes() {
	type endpoint struct {
		signedIn bool
		serve    serve
	}
	all := map[string]map[string]endpoint{}
	for _, r := range []struct {
		method, path string
		signedIn     bool
		serve        serve
	}{
		{"POST", "/customer/v1/sign-up", false, wireSignUp},
		{"POST", "/customer/v1/application", false, wireApply},
		{"POST", "/customer/v1/sign-in", false, wireSignIn},
		{"POST", "/customer/v1/sign-in/ask", false, func(v *visit) (int, any, error) { return v.asked(purposeSignIn) }},
		{"POST", "/customer/v1/sign-out", false, wireSignOut},
		{"GET", "/customer/v1/standing", true, func(v *visit) (int, any, error) { st, err := v.standing(); return http.StatusOK, st, err }},
		{"GET", "/customer/v1/balances", true, func(v *visit) (int, any, error) { return list("balances", v.balances()) }},
		{"GET", "/customer/v1/orders", true, func(v *visit) (int, any, error) { return list("orders", v.orders()) }},
		{"GET", "/customer/v1/movements", true, func(v *visit) (int, any, error) { return listed("movements", v.movements) }},
		{"GET", "/customer/v1/keys", true, func(v *visit) (int, any, error) { return list("keys", v.keys()) }},
		{"POST", "/customer/v1/keys", true, wireMakeKey},
		{"DELETE", "/customer/v1/keys/{key}", true, func(v *visit) (int, any, error) { return done(v.dropKey(v.r.PathValue("key"))) }},
		{"GET", "/customer/v1/identity", true, func(v *visit) (int, any, error) { return http.StatusOK, v.identity(), nil }},
		{"POST", "/customer/v1/identity/files", true, wireHandIn},
		{"POST", "/customer/v1/totp", true, wireNewTOTP},
		{"DELETE", "/customer/v1/totp", true, wireDropTOTP},
		{"POST", "/customer/v1/totp/confirm", true, wireConfirmTOTP},
		{"GET", "/customer/v1/sessions", true, func(v *visit) (int, any, error) { return list("sessions", v.ownSessions()) }},
		{"DELETE", "/customer/v1/sessions/{session}", true, func(v *visit) (int, any, error) { return done(v.endSession(v.r.PathValue("session"))) }},
		{"GET", "/customer/v1/passkeys", true, func(v *visit) (int, any, error) { return list("passkeys", v.ownPasskeys()) }},
		{"POST", "/customer/v1/passkeys", true, wireKeepPasskey},
		{"POST", "/customer/v1/passkeys/new", true, wireNewPasskey},
		{"POST", "/customer/v1/passkeys/ask", true, func(v *visit) (int, any, error) { return v.asked(purposeAgain(v.account)) }},
		{"DELETE", "/customer/v1/passkeys/{passkey}", true, wireDropPasskey},
		{"POST", "/customer/v1/password", true, wirePassword},
		{"POST", "/customer/v1/email", true, wireEmail},
		{"POST", "/customer/v1/email/letter", true, func(v *visit) (int, any, error) { return onItsWay(v.sendConfirmation(v.account)) }},
		{"POST", "/customer/v1/email/confirm", false, func(v *visit) (int, any, error) {
			return wireTicket(v, func(t ticketed) error { return v.confirmEmail(t.Token) })
		}},
		{"POST", "/customer/v1/forgotten", false, wireForgotten},
		{"POST", "/customer/v1/forgotten/ask", false, wireForgottenAsk},
		{"POST", "/customer/v1/forgotten/set", false, func(v *visit) (int, any, error) {
			return wireTicket(v, func(t ticketed) error { return v.resetPassword(t.Token, t.New, t.proving) })
		}},
		{"POST", "/customer/v1/invitation", false, func(v *visit) (int, any, error) {
			return wireTicket(v, func(t ticketed) error { return v.acceptInvitation(t.Token, t.New) })
		}},
	} {
		if all[r.path] == nil {
			all[r.path] = map[string]endpoint{}
		}
		all[r.path][r.method] = endpoint{r.signedIn, r.serve}
	}
	for path, methods := range all {
		known := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
		s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			e, ok := methods[r.Method]
			if !ok {
				w.Header().Set("Allow", known)
				s.problem(w, &fault{reason: badMethod})
				return
			}
			v := s.visit(w, r)
			err := v.pace()
			if err == nil && e.signedIn {
				err = v.enter()
			}
			if err != nil {
				s.problem(w, s.asFault(err))
				return
			}
			status, answer, err := e.serve(v)
			if err != nil {
				s.problem(w, s.asFault(err))
				return
			}
			s.write(w, status, "application/json", answer)
		})
	}
	s.mux.HandleFunc("/customer/", func(w http.ResponseWriter, _ *http.Request) { s.problem(w, &fault{reason: notFound}) })
}

func list(name string, all any) (int, any, error) {
	return http.StatusOK, map[string]any{name: all}, nil
}

// listed is list of what may not be readable.
func listed[T any](name string, read func() ([]T, error)) (int, any, error) {
	all, err := read()
	if err != nil {
		return 0, nil, err
	}
	return list(name, all)
}

func done(err error) (int, any, error) { return http.StatusOK, struct{}{}, err }

// problem answers other than yes (RFC 9457).
func (s *Server) problem(w http.ResponseWriter, f *fault) {
	r := reasons[f.reason]
	if f.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds(f.wait)))
	}
	s.write(w, r.status, "application/problem+json", struct {
		Type        string `json:"type"`
		Title       string `json:"title"`
		Status      int    `json:"status"`
		Detail      string `json:"detail"`
		Reason      string `json:"reason"`
		Field       string `json:"field,omitempty"`
		Decision    string `json:"decision,omitempty"`
		Explanation []told `json:"explanation,omitempty"`
	}{"about:blank", http.StatusText(r.status), r.status, f.Error(), r.name, f.field, f.decision, f.told})
}

func (s *Server) write(w http.ResponseWriter, status int, kind string, answer any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(answer); err != nil {
		s.o.Log.Error("an answer to a customer does not encode", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// body reads one JSON value of a request and nothing else.
func (v *visit) body(into any) error {
	kind, _, err := mime.ParseMediaType(v.r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return &fault{reason: badRequest, text: "Send JSON, and say so: Content-Type: application/json."}
	}
	b, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, maxBody))
	if err != nil {
		return readFault(err)
	}
	if err := v.look(); err != nil {
		return err
	}
	return decode(b, into)
}

// readFault tells that a body did not come whole.
func readFault(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return &fault{reason: tooLong}
	}
	return &fault{reason: badRequest}
}

// decode reads one JSON object with known fields. The error tells nothing of what it holds.
func decode(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		return &fault{reason: badRequest, text: "Something follows the JSON object."}
	}
	var wrongType *json.UnmarshalTypeError
	switch text := err.Error(); {
	case errors.As(err, &wrongType):
		return &fault{reason: badRequest, text: "The field " + strconv.Quote(wrongType.Field) + " is of another type."}
	case strings.HasPrefix(text, "json: unknown field "):
		return &fault{reason: badRequest, text: "There is no field " + strings.TrimPrefix(text, "json: unknown field ") + "."}
	}
	return &fault{reason: badRequest, text: "Send one JSON object."}
}

func wireSignUp(v *visit) (int, any, error) {
	var ask addressed
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return onItsWay(v.signUp(ask.Email))
}

// addressed names who a letter goes to.
type addressed struct {
	Email string `json:"email"`
}

func wireApply(v *visit) (int, any, error) {
	var ask application
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	opened, err := v.apply(&ask)
	if err != nil {
		return 0, nil, err
	}
	status := http.StatusCreated
	answer := struct {
		Account uint64 `json:"account,omitempty"`
		Refused bool   `json:"refused"`
		verdict
	}{opened.Account, opened.Refused, verdictOf(&opened.Decision)}
	if opened.Refused {
		answer.Account, status = 0, http.StatusOK // answered, and nothing made
	}
	return status, answer, nil
}

func wireSignIn(v *visit) (int, any, error) {
	var ask credentials
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	if err := v.signIn(&ask); err != nil {
		return 0, nil, err
	}
	st, err := v.standing()
	return http.StatusOK, struct {
		Account uint64   `json:"account"`
		Verdict law.Verb `json:"verdict"`
	}{v.account, st.Standing.Verdict}, err
}

func wireSignOut(v *visit) (int, any, error) {
	var ask struct {
		Everywhere bool `json:"everywhere"`
	}
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return done(v.signOut(ask.Everywhere))
}

func wireMakeKey(v *visit) (int, any, error) {
	var ask keyRequest
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	k, err := v.makeKey(&ask)
	return http.StatusCreated, k, err
}

func wireHandIn(v *visit) (int, any, error) {
	b, err := io.ReadAll(http.MaxBytesReader(v.w, v.r.Body, maxUpload))
	if err != nil {
		return 0, nil, readFault(err)
	}
	if err := v.look(); err != nil {
		return 0, nil, err
	}
	id, err := v.handIn(b)
	return http.StatusCreated, id, err
}

func wireNewTOTP(v *visit) (int, any, error) {
	var ask proving
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	secret, mail, err := v.newTOTP(ask)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, struct {
		Secret string `json:"secret"`
		URI    string `json:"uri"`
	}{signin.SecretText(secret), signin.SecretURI(secret, issuer, mail)}, nil
}

// issuer is what an authenticator shows a code to be for.
const issuer = "Sallyport"

func wireConfirmTOTP(v *visit) (int, any, error) {
	var ask struct {
		Code string `json:"code"`
	}
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	codes, err := v.confirmTOTP(ask.Code)
	return http.StatusOK, struct {
		Recovery []string `json:"recovery_codes"`
	}{codes}, err
}

func wireDropTOTP(v *visit) (int, any, error) {
	var ask proving
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return done(v.dropTOTP(ask))
}

func wirePassword(v *visit) (int, any, error) {
	var ask struct {
		proving
		New string `json:"new"`
	}
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return done(v.changePassword(ask.proving, ask.New))
}

// publicKey is what a device is asked, as the browser's credentials container takes it.
type publicKey struct {
	PublicKey json.RawMessage `json:"publicKey"`
}

func (v *visit) asked(purpose string) (int, any, error) {
	m, err := v.askPasskey(purpose)
	return http.StatusOK, publicKey{m}, err
}

func wireNewPasskey(v *visit) (int, any, error) {
	var ask proving
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	m, err := v.newPasskey(ask)
	return http.StatusOK, publicKey{m}, err
}

func wireKeepPasskey(v *visit) (int, any, error) {
	var ask struct {
		Name   string `json:"name"`
		Answer answer `json:"answer"`
	}
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	codes, err := v.keepPasskey(ask.Name, ask.Answer)
	return http.StatusCreated, struct {
		Passkeys []passkey `json:"passkeys"`
		Recovery []string  `json:"recovery_codes,omitempty"`
	}{v.ownPasskeys(), codes}, err
}

func wireDropPasskey(v *visit) (int, any, error) {
	var ask proving
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return done(v.dropPasskey(v.r.PathValue("passkey"), ask))
}

// onItsWay says that a letter will be sent, if one is to be.
func onItsWay(err error) (int, any, error) { return http.StatusAccepted, struct{}{}, err }

func wireEmail(v *visit) (int, any, error) {
	var ask credentials
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return onItsWay(v.askEmail(ask.Email, ask.proving))
}

func wireForgotten(v *visit) (int, any, error) {
	var ask addressed
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return onItsWay(v.forgotten(ask.Email))
}

// ticketed is the answer to a letter.
type ticketed struct {
	Token string `json:"token"`
	New   string `json:"new"` // password
	proving
}

func wireTicket(v *visit, use func(ticketed) error) (int, any, error) {
	var ask ticketed
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	return done(use(ask))
}

func wireForgottenAsk(v *visit) (int, any, error) {
	var ask ticketed
	if err := v.body(&ask); err != nil {
		return 0, nil, err
	}
	account, _, _, err := v.ticket(ask.Token, signin.NewPassword)
	if err != nil {
		return 0, nil, err
	}
	return v.asked(purposeReset(account))
}
