package customer

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"sallyport/exchange"
	"sallyport/mail"
	"sallyport/signin"
)

// A Mailer sends one letter, or says why not.
type Mailer interface {
	Send(ctx context.Context, m mail.Message) error
}

// post sends letters beside the requests that ask for them, one after the other: no answer takes
// longer, or says something else, for what is known of an address.
type post struct {
	mailer  Mailer
	jobs    chan func(context.Context)
	notices chan func(context.Context) // go first, and have a room of their own: no stranger's letters keep them away
	ctx     context.Context
	end     context.CancelFunc
	done    sync.WaitGroup
}

const (
	maxPost   = 256 // letters that wait, and notices; what is beyond is not sent, and the log of events says so
	postTries = 3
)

// postWaits are those before each further try.
var postWaits = [postTries - 1]time.Duration{2 * time.Second, 20 * time.Second}

func newPost(m Mailer) *post {
	p := &post{mailer: m, jobs: make(chan func(context.Context), maxPost), notices: make(chan func(context.Context), maxPost)}
	p.ctx, p.end = context.WithCancel(context.Background())
	p.done.Go(func() {
		for p.ctx.Err() == nil {
			select {
			case job := <-p.notices:
				job(p.ctx)
				continue
			default:
			}
			select {
			case job := <-p.notices:
				job(p.ctx)
			case job := <-p.jobs:
				job(p.ctx)
			case <-p.ctx.Done():
			}
		}
	})
	return p
}

// Close ends the sending of letters. What waits is not sent.
func (s *Server) Close() error {
	if s.post != nil {
		s.post.end()
		s.post.done.Wait()
	}
	return nil
}

// mails reports whether letters are sent here: they hold links to the site.
func (s *Server) mails() bool { return s.post != nil }

// later does a job of the post, unless too many wait.
func (s *Server) later(job func(context.Context)) { s.put(s.post.jobs, job) }

// notify does a job of the post that no stranger has asked for, before those that one may have.
func (s *Server) notify(job func(context.Context)) { s.put(s.post.notices, job) }

func (s *Server) put(into chan func(context.Context), job func(context.Context)) {
	select {
	case into <- job:
	default:
		s.o.Log.Error("too many letters wait; one is not sent")
	}
}

// send tries to send a letter. The log of events does not tell to whom.
func (s *Server) send(ctx context.Context, to string, l words) {
	m := mail.Message{To: to, Subject: l.subject[0] + " · " + l.subject[1], Text: l.text[0] + "\n\n" + rule3 + "\n\n" + l.text[1] + "\n"}
	for try := 0; ; try++ {
		err := s.post.mailer.Send(ctx, m)
		if err == nil {
			return
		}
		var no *mail.Refused
		if try == postTries-1 || ctx.Err() != nil || errors.As(err, &no) && no.ForGood() {
			s.o.Log.Error("a letter could not be sent", "error", err)
			return
		}
		wait := time.NewTimer(postWaits[try])
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
	}
}

const rule3 = "* * *"

// words are what a letter says, in English and in Russian: whoever reads it may be neither who
// asked for it nor where they were.
type words struct{ subject, text [2]string }

// link is a page of the site for a token.
func (s *Server) link(page, token string) string {
	return s.o.Site + page + "?" + url.Values{"token": {token}}.Encode()
}

func (s *Server) signUpWords(link string) words {
	return words{
		[2]string{"Your application", "Ваша заявка на счёт"},
		[2]string{
			"Somebody asked for an account at " + s.o.Site + " with this e-mail address. If it was you, say who you are within three days:\n\n" + link + "\n\nIf it was not you, do nothing: nothing is kept of it.",
			"Кто-то попросил открыть счёт на " + s.o.Site + " с этим адресом. Если это были вы, в течение трёх дней расскажите, кто вы:\n\n" + link + "\n\nЕсли это были не вы, ничего не делайте: об этом ничего не хранится.",
		},
	}
}

// knownWords are for who signs in with the address already, by what would let them in.
func (s *Server) knownWords(l *signin.Login) words {
	how := [2]string{"sign in: " + s.o.Site + "/me/sign-in", "войдите: " + s.o.Site + "/me/sign-in"}
	switch {
	case l.Password == "": // the desk has invited them, maybe by another way than this address
		how = [2]string{"use the link of your invitation, or write to us for another", "откройте ссылку из приглашения или попросите у нас другую"}
	case !l.Confirmed.IsZero():
		how[0] += "\n\nIf you have forgotten your password, ask for another: " + s.o.Site + "/me/forgotten"
		how[1] += "\n\nЕсли вы забыли пароль, запросите другой: " + s.o.Site + "/me/forgotten"
	}
	return words{
		[2]string{"You have an account", "У вас уже есть счёт"},
		[2]string{
			"Somebody tried to sign up at " + s.o.Site + " with this e-mail address. There is an account with it already, so nothing was changed, and they were not told. If it was you, " + how[0] + "\n\nIf it was not you, do nothing. If the account is not yours, write to us.",
			"Кто-то пытался зарегистрироваться на " + s.o.Site + " с этим адресом. С ним уже есть счёт, поэтому ничего не изменилось, и им об этом не сказали. Если это были вы, " + how[1] + "\n\nЕсли это были не вы, ничего не делайте. Если счёт не ваш, напишите нам.",
		},
	}
}

func (s *Server) confirmWords(link string) words {
	return words{
		[2]string{"Confirm your e-mail address", "Подтвердите адрес электронной почты"},
		[2]string{
			"A customer signs in at " + s.o.Site + " with this e-mail address. If it is you, confirm that it is yours within three days:\n\n" + link + "\n\nIf it is not you, do nothing.",
			"На " + s.o.Site + " с этим адресом входит клиент. Если это вы, подтвердите в течение трёх дней, что он ваш:\n\n" + link + "\n\nЕсли это не вы, ничего не делайте.",
		},
	}
}

func (s *Server) changeWords(link string) words {
	return words{
		[2]string{"Your new e-mail address", "Новый адрес электронной почты"},
		[2]string{
			"A customer of " + s.o.Site + " wants to sign in with this e-mail address from now on. If it was you, confirm it within a day:\n\n" + link + "\n\nIf it was not you, do nothing.",
			"Клиент " + s.o.Site + " хочет впредь входить с этим адресом. Если это вы, подтвердите в течение суток:\n\n" + link + "\n\nЕсли это не вы, ничего не делайте.",
		},
	}
}

func (s *Server) takenWords() words {
	return words{
		[2]string{"Your e-mail address is in use", "Ваш адрес уже используется"},
		[2]string{
			"Somebody asked " + s.o.Site + " to let them sign in with this e-mail address. A customer signs in with it already, so nothing was changed.",
			"Кто-то попросил " + s.o.Site + " разрешить вход с этим адресом. С ним уже входит клиент, поэтому ничего не изменилось.",
		},
	}
}

func (s *Server) resetWords(link string) words {
	return words{
		[2]string{"Choose a new password", "Выберите новый пароль"},
		[2]string{
			"Somebody asked for a new password at " + s.o.Site + " for this e-mail address. If it was you, choose one within half an hour:\n\n" + link + "\n\nA code of your authenticator, a recovery code or your passkey is asked for as well, if you have one. If it was not you, do nothing: your password stays as it is.",
			"Кто-то запросил новый пароль на " + s.o.Site + " для этого адреса. Если это были вы, выберите его в течение получаса:\n\n" + link + "\n\nЕсли у вас есть аутентификатор или ключ доступа, понадобятся и код, резервный код или ключ. Если это были не вы, ничего не делайте: пароль остаётся прежним.",
		},
	}
}

// noResetWords are for who asks for a new password where none can be sent: there is no such customer, or none
// whose address is known to be theirs.
func (s *Server) noResetWords(known bool) words {
	why := [2]string{"No customer signs in with it. If it was you, you may have signed up with another address.", "С ним не входит ни один клиент. Если это были вы, возможно, вы регистрировались с другим адресом."}
	if known {
		why = [2]string{"It was never confirmed, so no letter to it brings a new password. If it was you, write to us.", "Он не был подтверждён, поэтому письмо с новым паролем на него не отправляется. Если это были вы, напишите нам."}
	}
	return words{
		[2]string{"No new password", "Нового пароля нет"},
		[2]string{
			"Somebody asked for a new password at " + s.o.Site + " for this e-mail address. " + why[0] + " If it was not you, do nothing.",
			"Кто-то запросил новый пароль на " + s.o.Site + " для этого адреса. " + why[1] + " Если это были не вы, ничего не делайте.",
		},
	}
}

func (s *Server) inviteWords(link string) words {
	return words{
		[2]string{"Your account", "Ваш счёт"},
		[2]string{
			"An account was opened for you at " + s.o.Site + ". Choose a password within a week, with which you sign in by this e-mail address:\n\n" + link,
			"На " + s.o.Site + " для вас открыт счёт. В течение недели выберите пароль, с которым вы входите по этому адресу:\n\n" + link,
		},
	}
}

// A change is what a customer is told of how they sign in, so that one whom it was not done by
// hears of it.
type change int

const (
	newPassword change = iota
	newAuthenticator
	noAuthenticator
	addedPasskey
	lessPasskey
	copiedPasskey
	otherEmail
)

var changes = [...][2]string{
	newPassword:      {"Your password was changed.", "Ваш пароль изменён."},
	newAuthenticator: {"An authenticator was set up.", "Подключён аутентификатор."},
	noAuthenticator:  {"The authenticator was taken away.", "Аутентификатор отключён."},
	addedPasskey:     {"A passkey was added.", "Добавлен ключ доступа."},
	lessPasskey:      {"A passkey was taken away.", "Ключ доступа удалён."},
	copiedPasskey:    {"A passkey of yours may have been copied. It opens nothing any more.", "Возможно, ваш ключ доступа скопирован. Он больше ничего не открывает."},
	otherEmail:       {"You sign in with another e-mail address from now on. This one does nothing any more.", "Впредь вы входите с другим адресом. Этот больше не действует."},
}

// tell writes to a customer of a change, if their address is known to be theirs.
func (s *Server) tell(l *signin.Login, c change) {
	if !s.mails() || l.Confirmed.IsZero() {
		return
	}
	to := l.Email
	s.notify(func(ctx context.Context) {
		s.send(ctx, to, words{
			[2]string{"How you sign in has changed", "Изменился ваш вход"},
			[2]string{
				changes[c][0] + "\n\nAt " + s.o.Site + ". If it was not you, write to us at once.",
				changes[c][1] + "\n\nНа " + s.o.Site + ". Если это были не вы, сразу напишите нам.",
			},
		})
	})
}

// tellOf writes to the customer of the visit of a change.
func (v *visit) tellOf(c change) {
	if l, ok := v.x.Login(v.account); ok {
		v.tell(&l, c)
	}
}

// tellAfter changes what the customer of the visit signs in with, and writes to them of it.
func (v *visit) tellAfter(c change, f func(*signin.Login) error) error {
	if err := v.change(f); err != nil {
		return err
	}
	v.tellOf(c)
	return nil
}

// issue makes a ticket of an account and sends the letter with it.
func (s *Server) issue(ctx context.Context, account uint64, p signin.Purpose, to string, page string, say func(link string) words) {
	var token string
	err := s.x.ChangeLogin(account, func(l *signin.Login) (err error) {
		token, err = l.Issue(account, p, to, s.o.Clock(), s.o.Random)
		return err
	})
	if err != nil {
		s.o.Log.Error("a ticket could not be made", "account", account, "error", err)
		return
	}
	s.send(ctx, to, say(s.link(page, token)))
}

// paceLetters counts letters that somebody causes, by where they are and by to whom.
func (v *visit) paceLetters(to string) error {
	wait := v.senders.Try(v.client(), v.now)
	if wait == 0 {
		wait = v.letters.Try(mailbox(to), v.now)
	}
	if wait > 0 {
		return &fault{reason: tooMany, wait: wait}
	}
	return nil
}

// writeTo does a job of the post that writes to an address which may be anybody's. One that was written to
// often gets no letter for a while, and who asks is not told: it was others who asked before.
func (v *visit) writeTo(to string, job func(context.Context)) error {
	if wait := v.senders.Try(v.client(), v.now); wait > 0 {
		return &fault{reason: tooMany, wait: wait}
	}
	if v.letters.Try(mailbox(to), v.now) == 0 {
		v.later(job)
	}
	return nil
}

// mailbox is an address without what its owner may write behind a plus (RFC 5233): letters are counted by whose they are.
func mailbox(email string) string {
	at := strings.LastIndexByte(email, '@')
	local, _, _ := strings.Cut(email[:at], "+")
	return local + email[at:]
}

// sendConfirmation sends the letter by which a customer shows that their address is theirs.
func (v *visit) sendConfirmation(account uint64) error {
	if !v.mails() {
		return &fault{reason: noMail}
	}
	l, ok := v.x.Login(account)
	if !ok {
		return &fault{reason: signedOut}
	}
	if !l.Confirmed.IsZero() {
		return &fault{reason: notTaken, text: "Your e-mail address is confirmed already."}
	}
	if err := v.paceLetters(l.Email); err != nil {
		return err
	}
	v.later(func(ctx context.Context) {
		v.issue(ctx, account, signin.ConfirmEmail, l.Email, "/me/email", v.confirmWords)
	})
	return nil
}

// askEmail asks for another e-mail address, which counts once a letter to it was answered.
func (v *visit) askEmail(written string, p proving) error {
	if !v.mails() {
		return &fault{reason: noMail}
	}
	next, err := signin.Email(written)
	if err != nil {
		return missing("email", sentence(err))
	}
	if err := v.reprove(p); err != nil {
		return err
	}
	// The one before ends now, and another is made now, whoever has the address: were it made when the letter goes, whether
	// the one before is still good would tell, and a letter that waits would bring what has ended meanwhile.
	var token string
	err = v.change(func(l *signin.Login) (err error) {
		token, err = l.Issue(v.account, signin.ChangeEmail, next, v.now, v.o.Random)
		return err
	})
	if err != nil {
		return err
	}
	return v.writeTo(next, func(ctx context.Context) {
		if _, _, taken := v.x.LoginOf(next); taken {
			v.send(ctx, next, v.takenWords())
			return
		}
		v.send(ctx, next, v.changeWords(v.link("/me/email", token)))
	})
}

// ticket finds whose ticket a token is, and which.
func (v *visit) ticket(token string, purposes ...signin.Purpose) (uint64, signin.Login, signin.Ticket, error) {
	account, _ := signin.TokenAccount(token)
	l, _ := v.x.Login(account)
	t, ok := l.Ticket(token, v.now, purposes...)
	if !ok {
		return 0, l, t, &fault{reason: badTicket}
	}
	return account, l, t, nil
}

// confirmEmail takes the answer to a letter: the address is the customer's, and theirs to sign in
// with from now on.
func (v *visit) confirmEmail(token string) error {
	account, before, t, err := v.ticket(token, signin.ConfirmEmail, signin.ChangeEmail)
	if err != nil {
		return err
	}
	answered := func(l *signin.Login) error {
		if _, ok := l.Ticket(token, v.now, t.Purpose); !ok || t.Purpose == signin.ConfirmEmail && t.Email != l.Email {
			return &fault{reason: badTicket}
		}
		l.Confirmed = v.now
		l.Void(signin.ConfirmEmail)
		return nil
	}
	if t.Purpose == signin.ConfirmEmail {
		return v.x.ChangeLogin(account, answered)
	}
	err = v.x.ChangeEmail(account, t.Email, func(l *signin.Login) error {
		if err := answered(l); err != nil {
			return err
		}
		l.Void(signin.ChangeEmail)
		l.Void(signin.NewPassword) // which went to the old one
		l.EndOthers(v.token)
		return nil
	})
	if errors.Is(err, exchange.ErrEmailTaken) {
		return &fault{reason: badTicket, text: takenByNow}
	}
	if err == nil {
		v.tell(&before, otherEmail)
	}
	return err
}

// forgotten sends a letter to who has forgotten their password: with a link if there is a customer who
// signs in with the address and has shown that it is theirs. If there is none the letter says so, for
// letters go one after the other, and who waits for one of their own behind it would see that none went.
func (v *visit) forgotten(written string) error {
	if !v.mails() {
		return &fault{reason: noMail}
	}
	to, err := signin.Email(written)
	if err != nil {
		return missing("email", sentence(err))
	}
	return v.writeTo(to, func(ctx context.Context) {
		account, l, ok := v.x.LoginOf(to)
		if !ok || l.Confirmed.IsZero() || l.Password == "" {
			v.send(ctx, to, v.noResetWords(ok))
			return
		}
		v.issue(ctx, account, signin.NewPassword, to, "/me/password", v.resetWords)
	})
}

func purposeReset(account uint64) string { return "reset " + strconv.FormatUint(account, 10) }

// resetPassword puts another password in place of one that was forgotten, for who has the ticket and,
// where there is one, the second factor: a letter is no second factor. Every session ends.
func (v *visit) resetPassword(token, next string, p proving) error {
	account, l, _, err := v.ticket(token, signin.NewPassword)
	if err != nil {
		return err
	}
	if err := signin.CheckPassword(next, l.Email); err != nil {
		return missing("new", sentence(err))
	}
	err = v.counted(account, func() error {
		switch {
		case !l.Second():
			return nil
		case len(p.Passkey) > 0:
			return v.usePasskey(account, purposeReset(account), p.Passkey)
		case v.useCode(account, p.Code) == nil:
			return nil
		}
		// Who has the letter and not the code is not to try them all.
		if err := v.x.ChangeLogin(account, func(l *signin.Login) error { l.Fail(signin.NewPassword); return nil }); err != nil {
			return err
		}
		return &fault{reason: wrongSignIn, text: "The code is wrong, or was used before. A letter alone does not do where there is a second factor."}
	})
	if err != nil {
		return err
	}
	if err := v.setPassword(account, token, next, signin.NewPassword); err != nil {
		return err
	}
	v.codes.Succeeded(strconv.FormatUint(account, 10)) // who tried had the password that is none any more
	v.tell(&l, newPassword)
	return nil
}

// acceptInvitation takes the first password of who was invited.
func (v *visit) acceptInvitation(token, next string) error {
	account, l, _, err := v.ticket(token, signin.Invitation)
	if err != nil {
		return err
	}
	if err := signin.CheckPassword(next, l.Email); err != nil {
		return missing("new", sentence(err))
	}
	return v.setPassword(account, token, next, signin.Invitation)
}

// setPassword uses a ticket up for a password.
func (v *visit) setPassword(account uint64, token, next string, p signin.Purpose) error {
	hash, err := v.hasher.Hash(v.r.Context(), next)
	if err != nil {
		return err
	}
	err = v.x.ChangeLogin(account, func(l *signin.Login) error {
		t, ok := l.Ticket(token, v.now, p)
		if !ok {
			return &fault{reason: badTicket}
		}
		if t.Email == l.Email { // a letter to it has arrived
			l.Confirmed = v.now
		}
		l.Password = hash
		l.Void(p)
		l.EndOthers("")
		return nil
	})
	if err == nil && v.account == account {
		v.account, v.token = 0, ""
		http.SetCookie(v.w, v.cookie("", -1))
	}
	return err
}

// ErrNoSite says that there is no site for a link to lead to, or no post for a letter.
var ErrNoSite = errors.New("customer: there is no site that a link could lead to, or no mail")

// Invite lets the holder of an account that the desk opened choose a password, by a link that is
// mailed to them or, where it is not, given once. It is exchange.ErrSignsIn where they have one, and
// exchange.ErrEmailTaken where somebody else signs in with the address.
func (s *Server) Invite(account uint64, written string, mailed bool) (link string, err error) {
	if s.o.Site == "" || mailed && !s.mails() {
		return "", ErrNoSite
	}
	email, err := signin.Email(written)
	if err != nil {
		return "", err
	}
	to, token := "", ""
	if mailed {
		to = email
	}
	err = s.x.Invite(account, email, func(l *signin.Login) (err error) {
		token, err = l.Issue(account, signin.Invitation, to, s.o.Clock(), s.o.Random)
		return err
	})
	if err != nil {
		return "", err
	}
	made := s.link("/me/invitation", token)
	if !mailed {
		return made, nil
	}
	s.notify(func(ctx context.Context) { s.send(ctx, email, s.inviteWords(made)) })
	return "", nil
}
