package fix

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/api/binance"
	"sallyport/api/internal/sample"
	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A place is a listener whose connections come from somewhere else than this machine.
type place struct {
	net.Listener
	from string
}

type placed struct {
	net.Conn
	from net.Addr
}

func (c placed) RemoteAddr() net.Addr { return c.from }

func (p place) Accept() (net.Conn, error) {
	c, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return placed{c, net.TCPAddrFromAddrPort(netip.MustParseAddrPort(p.from))}, nil
}

// live is an exchange that listens for FIX, with ada, who has bitcoin, and bob, who has dollars.
type live struct {
	*sample.Exchange
	t        testing.TB
	wire     *binance.Server
	fix      *Server
	addr     string // where who connects comes from the United States
	ada, bob *customer
}

type customer struct {
	account uint64
	key     string
	private ed25519.PrivateKey
}

func goLive(t testing.TB, rules ...fs.FS) *live {
	t.Helper()
	return goLiveOn(t, sample.New(t, rules...), binance.Options{}, 20*time.Millisecond)
}

// goCalm is goLive where a client may be silent for half a minute.
func goCalm(t testing.TB) *live {
	t.Helper()
	return goLiveOn(t, sample.New(t), binance.Options{}, time.Second)
}

// goLiveOn is goLive on a given exchange, with other options of the wire and what a second of HeartBtInt lasts.
func goLiveOn(t testing.TB, x *sample.Exchange, o binance.Options, second time.Duration) *live {
	t.Helper()
	o.Clock, o.WeightPerMinute = x.Clock.Now, 1<<29
	l := &live{Exchange: x, t: t, wire: binance.New(x.Exchange, o)}
	l.fix = New(l.wire, Options{Clock: x.Clock.Now, second: second})
	t.Cleanup(func() { l.wire.Close(); l.fix.Close() })
	l.addr = l.listen(sample.FromUS)
	l.ada = l.open(sample.Somebody("Adaline Wrenfield", "US"))
	l.bob = l.open(sample.Somebody("Bertram Oakhollow", "CA"))
	x.Fund(l.ada.account, "BTC", "2")
	x.Fund(l.bob.account, "USDT", "100000")
	return l
}

// listen takes connections from a place and gives the address for them.
func (l *live) listen(from string) string {
	l.t.Helper()
	n, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.t.Fatal(err)
	}
	go l.fix.Serve(place{n, from})
	return n.Addr().String()
}

func (l *live) open(p entity.Profile) *customer {
	l.t.Helper()
	return l.keyed(l.Open("us", p).Account, exchange.KeyTerms{})
}

// keyed is an account with a key of its own.
func (l *live) keyed(account uint64, terms exchange.KeyTerms) *customer {
	l.t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		l.t.Fatal(err)
	}
	terms.Kind, terms.Public = exchange.Ed25519Key, der
	k, err := l.NewKey(account, terms)
	if err != nil {
		l.t.Fatal(err)
	}
	return &customer{account, k.Name, private}
}

// A client speaks FIX by hand.
type client struct {
	t    testing.TB
	l    *live
	conn net.Conn
	r    *bufio.Reader
	name string
	seq  int
	got  int // number of the last message that came
}

func (l *live) dial(name string) *client { return l.dialAt(l.addr, name) }

func (l *live) dialAt(addr, name string) *client {
	l.t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { conn.Close() })
	return &client{t: l.t, l: l, conn: conn, r: bufio.NewReader(conn), name: name}
}

// sendAs sends a message with a number, its fields written with | between them.
func (c *client) sendAs(seq int, kind, fields string) {
	c.t.Helper()
	m := message{{tagMsgType, kind}, {tagMsgSeqNum, strconv.Itoa(seq)}, {tagSender, c.name}, {tagSendingTime, c.l.Clock.Now().Format("20060102-15:04:05.000")}, {tagTarget, "SPOT"}}
	for f := range strings.SplitSeq(fields, "|") {
		if tag, v, ok := strings.Cut(f, "="); ok {
			n, _ := strconv.Atoi(tag)
			m = append(m, field{n, v})
		}
	}
	if _, err := c.conn.Write(encode(m)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) send(kind, fields string) { c.t.Helper(); c.seq++; c.sendAs(c.seq, kind, fields) }

// next is the next message, or nil where the connection has ended.
func (c *client) next() message {
	c.t.Helper()
	c.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	m, err := read(c.r)
	if ne, ok := err.(net.Error); ok && ne.Timeout() {
		c.t.Fatal("nothing came")
	}
	if err != nil {
		return nil
	}
	c.got++
	if m.get(tagMsgSeqNum) != strconv.Itoa(c.got) || m.get(tagSender) != "SPOT" {
		c.t.Fatalf("message %d: %+v", c.got, m)
	}
	return m
}

// wants reads messages and holds each to the fields it must have. Heartbeats are passed over,
// TestRequests answered.
func (c *client) wants(want ...string) (last message) {
	c.t.Helper()
	for _, w := range want {
		m := c.next()
		for m != nil && (m.get(tagMsgType) == "0" || m.get(tagMsgType) == "1") && !strings.HasPrefix(w, "35="+m.get(tagMsgType)) {
			if m.get(tagMsgType) == "1" {
				c.send("0", "112="+m.get(tagTestReqID))
			}
			m = c.next()
		}
		if m == nil {
			c.t.Fatalf("the connection ended; want %s", w)
		}
		for f := range strings.SplitSeq(w, "|") {
			tag, v, _ := strings.Cut(f, "=")
			n, _ := strconv.Atoi(tag)
			if v == "-" && m.has(n) || v != "-" && m.get(n) != v {
				c.t.Fatalf("%+v: field %s, want %q", m, tag, v)
			}
		}
		last = m
	}
	return last
}

// ends wants a Logout that says something, and the end.
func (c *client) ends(text string) {
	c.t.Helper()
	if m := c.wants("35=5"); !strings.Contains(m.get(tagText), text) {
		c.t.Fatalf("logout %q, want %q", m.get(tagText), text)
	}
	if m := c.next(); m != nil {
		c.t.Fatalf("after the logout: %+v", m)
	}
}

// logonFieldsOf are the fields of a Logon of somebody.
func (c *client) logonFieldsOf(who *customer, seq int) string {
	payload := strings.Join([]string{"A", c.name, "SPOT", strconv.Itoa(seq), c.l.Clock.Now().Format("20060102-15:04:05.000")}, "\x01")
	return "95=88|96=" + base64.StdEncoding.EncodeToString(ed25519.Sign(who.private, []byte(payload))) + "|98=0|108=30|141=Y|553=" + who.key + "|25035=2"
}

func (c *client) logon(who *customer, more string) *client {
	c.t.Helper()
	c.send("A", c.logonFieldsOf(who, c.seq+1)+more)
	c.wants("35=A|34=1|98=0|108=30|56=" + c.name)
	return c
}

// TestPublishedLogon holds the signature and the encoding to the published example (fix-api.md,
// "How to sign Logon <A> request").
func TestPublishedLogon(t *testing.T) {
	const published = "8=FIX.4.4|9=247|35=A|34=1|49=EXAMPLE|52=20240627-11:17:25.223|56=SPOT|95=88|96=4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==|98=0|108=30|141=Y|553=sBRXrJx2DsOraMXOaUovEhgVRcjOvCtQwnWj8VxkOh1xqboS02SPGfKi2h8spZJb|25035=2|10=227|"
	raw := []byte(strings.ReplaceAll(published, "|", "\x01"))
	m, err := read(bufio.NewReader(bytes.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if again := encode(m); !bytes.Equal(again, raw) {
		t.Errorf("encoded %q\nwant    %q", again, raw)
	}
	block, _ := pem.Decode([]byte("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n-----END PRIVATE KEY-----\n"))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	signature, err := base64.StdEncoding.DecodeString(m.get(tagRawData))
	if err != nil || !ed25519.Verify(key.(ed25519.PrivateKey).Public().(ed25519.PublicKey), []byte(payload(m)), signature) {
		t.Errorf("the published signature is not of %q", payload(m))
	}
}

// TestConversation: an order of each side is told to both, with the trade, its fee and what is
// left; what is cancelled is told under the cancel's name.
func TestConversation(t *testing.T) {
	l := goLive(t)
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	ada.send("D", "11=sell-1|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	sold := ada.wants("35=8|11=sell-1|150=0|39=0|38=0.50000000|44=40000.00000000|14=0.00000000|151=0.5|54=2|40=2|59=1|55=BTCUSDT|636=Y|25001=3|58=-")
	bob.send("D", "11=buy-1|38=0.2|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|11=buy-1|150=0|39=0", "35=8|11=buy-1|150=F|39=2|31=40000.00000000|32=0.20000000|14=0.20000000|151=0|1057=Y|136=1|138=BTC|139=4")
	ada.wants("35=8|11=sell-1|150=F|39=1|31=40000.00000000|32=0.20000000|14=0.20000000|151=0.3|1057=N|138=USDT|37=" + sold.get(tagOrderID))
	ada.send("F", "11=cancel-1|41=sell-1|55=BTCUSDT")
	ada.wants("35=8|11=cancel-1|41=sell-1|150=4|39=4|151=0|14=0.20000000")
	ada.send("F", "11=cancel-2|41=sell-1|55=BTCUSDT")
	ada.wants("35=9|11=cancel-2|41=sell-1|434=1|25016=-2011|58=Unknown order sent.")

	// By money, and what is left of an order that takes what there is and no more.
	ada.send("D", "11=sell-2|38=0.1|40=2|18=6|44=40000|54=2|55=BTCUSDT")
	ada.wants("35=8|11=sell-2|150=0|18=6|40=2")
	bob.send("D", "11=buy-2|152=400|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|11=buy-2|150=0|152=400.00000000", "35=8|150=F|32=0.01000000|39=2")
	bob.send("D", "11=buy-3|38=1|40=2|44=40000|54=1|55=BTCUSDT|59=3")
	bob.wants("35=8|11=buy-3|150=0", "35=8|150=F|32=0.09000000|39=1|151=0.91", "35=8|150=C|39=C|151=0|25056=UNFILLED_IOC_QUANTITY_EXPIRED")
	ada.wants("35=8|150=F|32=0.01000000", "35=8|150=F|32=0.09000000|39=2")

	// What is refused says why, in the words of the wire.
	ada.send("D", "11=sell-3|38=3|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=sell-3|150=8|39=8|17=-|37=-|25016=-2010|58=Account has insufficient balance for requested action.")
	ada.send("D", "11=sell-3|38=1|40=2|44=40000.001|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|150=8|25016=-1013|58=Filter failure: PRICE_FILTER")
	ada.send("D", "11=sell-3|38=1|40=2|44=40000|54=2|55=NOPE|59=1")
	ada.wants("35=3|45=8|372=D|371=55|373=5|25016=-1121|58=Invalid symbol.")
	ada.send("D", "11=sell-3|38=1|40=2|44=40000|54=2|55=BTCUSDT")
	ada.wants("35=3|372=D|373=1|25016=-1102")
	ada.send("D", "11=sell-3|38=1|40=2|44=40000|54=2|55=BTCUSDT|59=1|9999=1")
	ada.wants("35=3|371=9999|373=3|25016=-1103|58=Undefined Tag.")
	ada.send("D", "11=sell-3|38=1|40=2|44=40000|44=1|54=2|55=BTCUSDT|59=1")
	ada.wants("35=3|371=44|373=13|25016=-1171|58=Tag '44' appears more than once.")
	for fields, want := range map[string]string{
		"11=sell-3|38=1|44=40000|54=2|55=BTCUSDT|59=1":              "371=40|373=1|25016=-1102|58=Required tag '40' missing.",
		"11=sell-3|38=1|40=2|44=40000|54=2|55=BTCUSDT|59=1|553=x":   "371=553|373=2|25016=-1170|58=Tag '553' not defined for this message type.", // of a Logon
		"11=sell-3|38=1|40=2|44=40000|54=2|55=BTCUSDT|59=1|1094=5":  "371=1094|373=2|25016=-1170",                                                // of pegged orders, which are not served
		"11=sell-3|38=1|40=2|44=40000|54=2|55=BTCUSDT|59=1|30000=5": "371=30000|373=3|25016=-1103",
		"11=sell-3|38=|40=2|44=40000|54=2|55=BTCUSDT|59=1":          "371=38|373=6|25016=-1177|58=Tag specified without a value.",
	} {
		ada.send("D", fields)
		ada.wants("35=3|372=D|" + want)
	}
	ada.seq++
	raw := encode(message{{tagMsgType, "1"}, {tagMsgSeqNum, strconv.Itoa(ada.seq)}, {tagSender, "ADA"}, {tagSendingTime, l.Clock.Now().Format("20060102-15:04:05.000")}, {tagTarget, "SPOT"}, {tagTestReqID, "x#y"}})
	raw[bytes.IndexByte(raw, '#')] = 7 // which no encoding writes
	copy(raw[len(raw)-len("000|"):], fmt.Sprintf("%03d\x01", checksum(0, raw[:len(raw)-len("10=000|")])))
	ada.conn.Write(raw)
	ada.wants("35=3|371=112|372=1|373=6|25016=-1177|58=Only printable ASCII characters and SOH (Start of Header) are allowed.")
	ada.send("A", ada.logonFieldsOf(l.ada, 2))
	ada.wants("35=3|372=A|373=99|25016=-1176|58=Logon<A> should only be sent once.")

	// All of a market.
	ada.send("D", "11=sell-4|38=0.1|40=2|44=41000|54=2|55=BTCUSDT|59=1")
	ada.send("D", "11=sell-5|38=0.1|40=2|44=42000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=sell-4|150=0", "35=8|11=sell-5|150=0")
	ada.send("q", "11=all|55=BTCUSDT|530=1")
	seen := map[string]int{}
	for range 3 {
		m := ada.wants("55=BTCUSDT")
		seen[m.get(tagMsgType)+m.get(tagExecType)+m.get(tagMassResponse)+m.get(tagAffected)]++
	}
	if fmt.Sprint(seen) != "map[84:2 r12:1]" {
		t.Errorf("all cancelled: %v", seen)
	}
	ada.send("q", "11=all-2|55=BTCUSDT|530=1")
	ada.wants("35=r|11=all-2|531=0|532=99|25016=-2011")
	ada.send("5", "")
	ada.ends("Logout acknowledgment.")
}

// TestStrategies: what an order is part of is told with it, and what is to be cancelled in one state alone is
// cancelled in no other.
func TestStrategies(t *testing.T) {
	l := goLive(t)
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	ada.send("D", "11=sell-1|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1|7940=-7|847=1000001")
	ada.wants("35=8|11=sell-1|150=0|7940=-7|847=1000001")
	bob.send("D", "11=buy-1|38=0.2|40=1|54=1|55=BTCUSDT|7940=0")
	bob.wants("35=8|11=buy-1|150=0|7940=0|847=-", "35=8|150=F|7940=0|847=-")
	ada.wants("35=8|150=F|7940=-7|847=1000001")
	for _, c := range []struct{ fields, want string }{
		{"25002=1|11=cancel-1|41=sell-1|55=BTCUSDT", "35=9|11=cancel-1|25002=1|25016=-2011|58=Order was not canceled due to cancel restrictions."},
		{"25002=3|11=cancel-1|41=sell-1|55=BTCUSDT", "35=3|371=25002|373=5"},
		{"25002=1|11=cancel-1|66=1|55=BTCUSDT", "35=3|371=25002|373=5"},
		{"25002=2|11=cancel-1|41=sell-1|55=BTCUSDT", "35=8|11=cancel-1|41=sell-1|150=4|7940=-7|847=1000001"},
	} {
		ada.send("F", c.fields)
		ada.wants(c.want)
	}
	ada.send("D", "11=sell-2|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1|847=1000002")
	ada.wants("35=8|11=sell-2|150=0|7940=-|847=1000002")
	ada.send("XCN", "25033=1|41=sell-2|25002=2|11=sell-3|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=9|25016=-2011|58=Order was not canceled due to cancel restrictions.")
	for _, wrong := range []string{"847=999999", "847=2147483648", "7940=9223372036854775808", "7940=x"} {
		ada.send("D", "11=sell-4|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1|"+wrong)
		tag, _, _ := strings.Cut(wrong, "=")
		ada.wants("35=3|371=" + tag + "|373=5")
	}
}

// TestRefusedLogon: who is not let in hears why, and that is all.
func TestRefusedLogon(t *testing.T) {
	l := goLive(t)
	for name, c := range map[string]struct {
		who    *customer
		change func(string) string
		want   string
	}{
		"a signature of another key": {&customer{l.ada.account, l.ada.key, l.bob.private}, nil, "35=3|372=A|373=8|25016=-1022|58=Signature for this request is not valid."},
		"a key that only reads":      {l.keyed(l.ada.account, exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyReads}}), nil, "35=3|373=8|25016=-2015"},
		"a key of elsewhere":         {l.keyed(l.ada.account, exchange.KeyTerms{From: []netip.Prefix{netip.MustParsePrefix("198.18.0.0/15")}}), nil, "35=3|373=8|25016=-2015"},
		"a key that is none":         {&customer{key: "nobody", private: l.ada.private}, nil, "35=3|373=8|25016=-2015"},
		"no reset":                   {l.ada, func(s string) string { return strings.Replace(s, "141=Y", "141=N", 1) }, "35=3|371=141|373=5|25016=-1175|58=Continuation of sequence numbers to new session is currently unsupported. Sequence numbers must be reset for each new session."},
		"a short heartbeat":          {l.ada, func(s string) string { return strings.Replace(s, "108=30", "108=4", 1) }, "35=3|371=108|373=5"},
		"encryption":                 {l.ada, func(s string) string { return strings.Replace(s, "98=0", "98=1", 1) }, "35=3|371=98|373=5"},
		"no handling":                {l.ada, func(s string) string { return strings.Replace(s, "|25035=2", "", 1) }, "35=3|371=25035|373=1"},
		"a flag that is none":        {l.ada, func(s string) string { return s + "|9406=X" }, "35=3|371=9406|373=5"},
		"acknowledgements of a copy": {l.ada, func(s string) string { return s + "|9406=Y|25036=2" }, "35=3|371=25036|373=5"},
		"a copy, by one who withdraws": {l.keyed(l.ada.account, exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyWithdraws}}),
			func(s string) string { return s + "|9406=Y" }, "35=3|373=8|25016=-2015"},
		"no copy, by one who reads": {l.keyed(l.ada.account, exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyReads}}),
			func(s string) string { return s + "|9406=N" }, "35=3|373=8|25016=-2015"},
	} {
		t.Run(name, func(t *testing.T) {
			cl := l.dial("C")
			cl.t = t
			fields := cl.logonFieldsOf(c.who, 1)
			if c.change != nil {
				fields = c.change(fields)
			}
			cl.send("A", fields)
			cl.wants(c.want)
			cl.ends("")
		})
	}

	// One that was made too long ago, one that does not begin at one, one that is none.
	late := l.dial("LATE")
	fields := late.logonFieldsOf(l.ada, 1)
	payloadAt := l.Clock.Now()
	l.Clock.Set(payloadAt.Add(6 * time.Second))
	raw := message{{tagMsgType, "A"}, {tagMsgSeqNum, "1"}, {tagSender, "LATE"}, {tagSendingTime, payloadAt.Format("20060102-15:04:05.000")}, {tagTarget, "SPOT"}}
	for f := range strings.SplitSeq(fields, "|") {
		tag, v, _ := strings.Cut(f, "=")
		n, _ := strconv.Atoi(tag)
		raw = append(raw, field{n, v})
	}
	late.conn.Write(encode(raw))
	late.wants("35=3|373=10|371=52|25016=-1021")
	late.ends("recvWindow")
	high := l.dial("HIGH")
	high.sendAs(2, "A", high.logonFieldsOf(l.ada, 2))
	high.wants("35=3|371=34|373=5|25016=-1179|58=MsgSeqNum(34) contains an unexpected value. Expected: '1'.")
	high.ends("too high: expected 1, received 2")
	first := l.dial("FIRST")
	first.send("D", "11=a")
	first.wants("35=3|371=35|372=D|373=99|25016=-1180|58=Logon<A> must be the first message in the session.")
	first.ends("must be the first")
	named := l.dial("FARTOOLONG")
	named.send("A", named.logonFieldsOf(l.ada, 1))
	named.wants("35=3|371=49|373=5|25016=-1178|58=SenderCompId(49) contains an incorrect value. The SenderCompID value should not change throughout the lifetime of a session.")
	named.ends("SenderCompID")

	// A name that another session of the account has.
	l.dial("SAME").logon(l.ada, "")
	same := l.dial("SAME")
	same.send("A", same.logonFieldsOf(l.ada, 1))
	same.wants("35=3|371=49|373=5|25016=-1033|58=SenderCompId(49) is currently in use. Concurrent use of the same SenderCompId within one account is not allowed.")
	same.ends("currently in use")
	l.dial("SAME").logon(l.bob, "")
}

// TestNumbers: a number that is not the next ends the session, and nothing of it is carried out.
func TestNumbers(t *testing.T) {
	l := goLive(t)
	for seq, want := range map[int]string{1: "too low: expected 2, received 1", 3: "too high: expected 2, received 3"} {
		c := l.dial(fmt.Sprint("N", seq)).logon(l.ada, "")
		c.sendAs(seq, "D", "11=never|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
		c.wants("35=3|45=1|25016=-1179|58=MsgSeqNum(34) contains an unexpected value. Expected: '2'.")
		c.ends(want)
	}
	if o, ok := l.View().Order(l.ada.account, 0, "never"); ok {
		t.Errorf("carried out: %+v", o)
	}
	// The name is free again.
	l.dial("N1").logon(l.ada, "")
}

// TestGarbage: bytes that are no message end the session.
func TestGarbage(t *testing.T) {
	l := goLive(t)
	for _, b := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "8=FIX.4.2\x019=5\x0135=0\x0110=161\x01", "8=FIX.4.4\x019=99999999\x01", "8=FIX.4.4\x019=5\x0135=0\x0110=000\x01",
	} {
		c := l.dial("G").logon(l.ada, "")
		c.conn.Write([]byte(b))
		c.wants("35=3|45=1|373=99|25016=-1177")
		c.ends("garbled message")
	}
}

// TestHeartbeats: a client that is silent is asked whether it is there, and without the answer
// its session ends.
func TestHeartbeats(t *testing.T) {
	l := goLive(t)
	c := l.dial("H")
	c.send("A", strings.Replace(c.logonFieldsOf(l.ada, 1), "108=30", "108=5", 1)) // a tenth of a second
	c.wants("35=A|108=5")
	c.send("1", "112=there?")
	c.wants("35=0|112=there?")
	for range 3 {
		asked := c.wants("35=1")
		c.send("0", "112="+asked.get(tagTestReqID))
	}
	c.wants("35=1")
	c.send("0", "112=something else")
	if m := c.next(); m.get(tagMsgType) == "0" { // nothing else was sent for so long
		c.ends("No Heartbeat came")
	} else if m.get(tagMsgType) != "5" || !strings.Contains(m.get(tagText), "No Heartbeat came") {
		t.Errorf("then %+v", m)
	}
}

// TestFrozen: a customer whom the law freezes logs on, and every order is refused with the
// published code and the decision.
func TestFrozen(t *testing.T) {
	l := goLive(t)
	o := l.Open("us", sample.Listed(t))
	c := l.dial("F").logon(l.keyed(o.Account, exchange.KeyTerms{}), "")
	c.send("D", "11=a|38=1|40=2|44=40000|54=1|55=BTCUSDT|59=1")
	saysWhy := func(m message) {
		t.Helper()
		if text := m.get(tagText); !strings.HasPrefix(text, "This action is disabled on this account. (") || !strings.Contains(text, "(freeze)") || !strings.HasSuffix(text, "; decision "+o.Decision.ID+")") {
			t.Errorf("it says %q, decision %s", text, o.Decision.ID)
		}
	}
	saysWhy(c.wants("35=8|11=a|150=8|39=8|25016=-2010"))
	c.send("XCN", "25033=2|41=a|25034=b|11=c|38=1|40=2|44=40000|54=1|55=BTCUSDT|59=1")
	c.wants("35=9|11=b|25016=-2011")
	saysWhy(c.wants("35=8|11=c|150=8|39=8|25016=-2010"))
}

const noOrders = `id: us-made-up
title: Made up
authority: An authority
instrument: An act
article: "1"
binds: [US]
actions: [ACTION]
covers: COVERS
verb: reject
effective_at: "AT"
state: enacted
verified: {marks: [made up]}
`

// TestPlaces: from a place where orders are forbidden they are refused, by the decision, and
// from one that lets nobody in no Logon is taken; who is in when it is closed is let out.
func TestPlaces(t *testing.T) {
	rule := func(action, covers string, at time.Time) fs.FS {
		return fstest.MapFS{"us-made-up.yaml": {Data: []byte(strings.NewReplacer("ACTION", action, "COVERS", covers, "AT", at.Format(time.RFC3339)).Replace(noOrders))}}
	}
	t.Run("orders", func(t *testing.T) {
		l := goLive(t, rule("trade", `session.country == "US"`, sample.Opens.Add(-time.Hour)))
		c := l.dial("P").logon(l.ada, "")
		c.send("D", "11=a|38=1|40=2|44=40000|54=2|55=BTCUSDT|59=1")
		if m := c.wants("35=8|150=8|25016=-2010"); !strings.Contains(m.get(tagText), "(reject); decision ") {
			t.Errorf("it says %q", m.get(tagText))
		}
	})
	t.Run("sign in", func(t *testing.T) {
		closes := sample.Opens.Add(time.Hour)
		l := goLive(t, rule("sign_in", `session.country == "US" && customer.residence == "US"`, closes))
		c, copied := l.dial("P").logon(l.ada, ""), l.dial("COPY").logon(l.ada, "|9406=Y")
		l.Clock.Set(closes)
		if _, err := l.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		c.ends("(reject)")
		copied.ends("(reject)")
		again := l.dial("P")
		again.send("A", again.logonFieldsOf(l.ada, 1))
		again.wants("35=3|373=8|25016=-2015")
		again.ends("(reject); decision ")
	})
}

// TestKeyTakenAway: it ends the session.
func TestKeyTakenAway(t *testing.T) {
	l := goLive(t)
	c := l.dial("K").logon(l.ada, "")
	if err := l.RemoveKey(l.ada.account, l.ada.key); err != nil {
		t.Fatal(err)
	}
	c.ends("API key")
}

// TestReplace: an order and another in its place, by one message; of a half that fails it is said why.
func TestReplace(t *testing.T) {
	l := goLive(t)
	ada, acks := l.dial("ADA").logon(l.ada, ""), l.dial("ACKS").logon(l.ada, "|25036=2")
	other := func(mode, old, cancel, id, qty string) string {
		return "25033=" + mode + "|41=" + old + "|25034=" + cancel + "|11=" + id + "|38=" + qty + "|40=2|44=41000|54=2|55=BTCUSDT|59=1"
	}
	ada.send("D", "11=sell-1|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=sell-1|150=0")
	ada.send("XCN", other("1", "sell-1", "cancel-1", "sell-2", "2"))
	ada.wants("35=8|11=cancel-1|41=sell-1|150=4|39=4|44=40000.00000000", "35=8|11=sell-2|150=0|39=0|44=41000.00000000|38=2.00000000")

	// There is nothing to cancel: nothing more is done, or the new order is placed all the same.
	ada.send("XCN", other("1", "sell-1", "cancel-2", "sell-3", "0.1"))
	ada.wants("35=9|11=cancel-2|41=sell-1|55=BTCUSDT|434=1|25016=-2011|58=Unknown order sent.")
	ada.send("XCN", other("2", "sell-1", "cancel-3", "sell-3", "0.1"))
	ada.wants("35=9|11=cancel-3|25016=-2011", "35=8|11=sell-3|150=8|39=8|25016=-2010|58=Account has insufficient balance for requested action.")
	ada.send("XCN", other("1", "sell-2", "cancel-4", "sell-4", "3"))
	both := map[string]string{} // an event and an answer, in either order
	for range 2 {
		m := ada.wants("35=8")
		both[m.get(tagExecType)] = m.get(tagClOrdID)
	}
	if fmt.Sprint(both) != "map[4:cancel-4 8:sell-4]" {
		t.Errorf("cancelled, and no new order: %v", both)
	}
	ada.send("XCN", other("2", "sell-2", "cancel-5", "sell-5", "0.1"))
	for clear(both); len(both) < 2; {
		m := ada.wants("55=BTCUSDT")
		both[m.get(tagMsgType)] = m.get(tagClOrdID)
	}
	if fmt.Sprint(both) != "map[8:sell-5 9:cancel-5]" {
		t.Errorf("nothing to cancel, and a new order: %v", both)
	}

	// Who hears acknowledgements alone hears of both halves.
	acks.send("XCN", other("1", "sell-5", "cancel-6", "sell-6", "0.2"))
	acks.wants("35=8|11=cancel-6|41=sell-5|150=4", "35=8|11=sell-6|150=0|38=0.20000000")
	ada.wants("35=8|11=cancel-6|150=4", "35=8|11=sell-6|150=0")

	// The filters come before either half.
	ada.send("XCN", other("1", "sell-6", "cancel-7", "sell-7", "0.0000001"))
	ada.wants("35=8|11=sell-7|150=8|25016=-1013|58=Filter failure: LOT_SIZE")
	for _, c := range []struct{ fields, want string }{
		{"41=sell-6|11=sell-7|38=1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "371=25033|373=1"},
		{"25033=3|41=sell-6|11=sell-7|38=1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "371=25033|373=5"},
		{"25033=1|25038=3|41=sell-6|11=sell-7|38=1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "371=25038|373=5"},
		{"25033=1|11=sell-7|38=1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "371=37|373=1"},
		{"25033=1|41=sell-6|25002=3|11=sell-7|38=1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "371=25002|373=5"},
		{"25033=1|41=sell-6|66=1|11=sell-7|38=1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "371=66|373=2"},
	} {
		ada.send("XCN", c.fields)
		ada.wants("35=3|372=XCN|" + c.want)
	}
}

// TestLists: of a list that was placed elsewhere it is told what becomes of it, and it is cancelled by either name.
func TestLists(t *testing.T) {
	l := goLive(t)
	ada, acks, bob := l.dial("ADA").logon(l.ada, ""), l.dial("ACKS").logon(l.ada, "|25036=2"), l.dial("BOB").logon(l.bob, "")
	ada.send("D", "11=sell-1|38=0.01|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=sell-1|150=0")
	bob.send("D", "11=buy-1|38=0.01|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F")
	ada.wants("35=8|150=F")
	pair := func(name string) string {
		t.Helper()
		list, _, _, err := l.PlaceOrderList(&tape.PlaceOrderList{ClientID: name, Contingency: tape.OneCancels, Orders: []tape.PlaceOrder{
			{Account: l.ada.account, Side: book.Sell, Type: tape.StopLoss, Force: tape.GTC, Stop: money.Int(39000), Quantity: money.MustParse("0.1"), ClientID: name + "-below"},
			{Account: l.ada.account, Side: book.Sell, Type: tape.LimitMaker, Force: tape.GTC, Price: money.Int(41000), Quantity: money.MustParse("0.1"), ClientID: name + "-above"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		return strconv.FormatUint(list.ID, 10)
	}
	// told reads so many messages, of which one is the list's.
	told := func(n int, want string) {
		t.Helper()
		for range n {
			if m := ada.wants("55=BTCUSDT"); m.get(tagMsgType) == "N" {
				var is []string
				for _, f := range m {
					if f.tag == tagClOrdID || f.tag == tagListStatusType || f.tag == tagListOrderStatus || f.tag == tagContingency || f.tag == tagClListID || f.tag == tagListID || f.tag == tagNoOrders {
						is = append(is, fmt.Sprintf("%d=%s", f.tag, f.value))
					}
				}
				if got := strings.Join(is, "|"); got != want {
					t.Errorf("of the list is told %s, want %s", got, want)
				}
				want = ""
			}
		}
		if want != "" {
			t.Errorf("not told: %s", want)
		}
	}
	for i, by := range []string{"66=%s", "25015=pair-1"} {
		name := fmt.Sprint("pair-", i)
		id := pair(name)
		told(3, "66="+id+"|25014="+name+"|1385=1|429=4|431=3|73=2|11="+name+"-below|11="+name+"-above")
		ada.send("F", "11=cancel-"+name+"|"+strings.Replace(by, "%s", id, 1)+"|55=BTCUSDT")
		told(3, "66="+id+"|25014="+name+"|1385=1|429=5|431=6|73=2|11="+name+"-below|11="+name+"-above")
	}
	acks.send("XLQ", "6136=q") // and who wants acknowledgements alone was told of none
	acks.wants("35=XLR")
}

// TestDropCopy: a key that reads is told what happens to the account's orders, wherever they came from, and can change nothing.
func TestDropCopy(t *testing.T) {
	l := goCalm(t)
	reader, trader := l.keyed(l.ada.account, exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyReads}}), l.keyed(l.ada.account, exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyTrades}})
	ada, acks, bob := l.dial("ADA").logon(l.ada, "|9406=N"), l.dial("ACKS").logon(l.ada, "|25036=2"), l.dial("BOB").logon(l.bob, "")
	copies := []*client{l.dial("READS").logon(reader, "|9406=Y"), l.dial("TRADES").logon(trader, "|9406=Y|25036=1")}
	told := func(want ...string) {
		t.Helper()
		for _, c := range copies {
			c.wants(want...)
		}
	}
	ada.send("D", "11=sell-1|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	told("35=8|11=sell-1|150=0|39=0|38=0.50000000|44=40000.00000000")
	bob.send("D", "11=buy-1|38=0.2|40=1|54=1|55=BTCUSDT")
	told("35=8|11=sell-1|150=F|39=1|32=0.20000000|151=0.3|138=USDT") // and nothing of bob's
	acks.send("F", "11=cancel-1|41=sell-1|55=BTCUSDT")
	told("35=8|11=cancel-1|41=sell-1|150=4|39=4")
	ada.send("D", "11=sell-2|38=9|40=2|44=40000|54=2|55=BTCUSDT|59=1") // which is refused, and who asked for it hears it alone
	ada.wants("35=8|11=sell-1|150=0", "35=8|11=sell-1|150=F", "35=8|11=cancel-1|150=4", "35=8|11=sell-2|150=8")
	if _, _, err := l.PlaceOrder(&tape.PlaceOrder{
		Account: l.ada.account, Side: book.Sell, Type: tape.Limit, Force: tape.GTC, Price: money.Int(41000), Quantity: money.MustParse("0.1"), ClientID: "elsewhere",
	}); err != nil {
		t.Fatal(err)
	}
	told("35=8|11=elsewhere|150=0")
	acks.send("E", "25014=pair|1385=1|"+pairOfSells("pair", "0.1", "39000", "42000"))
	told("35=8|11=pair-below|150=0", "35=8|11=pair-above|150=0", "35=N|25014=pair|429=4|431=3")

	for _, c := range copies {
		for kind, fields := range map[string]string{
			"D": "11=never|38=0.1|40=2|44=40000|54=2|55=BTCUSDT|59=1", "E": "25014=never|1385=1|" + pairOfSells("never", "0.1", "39000", "42000"), "F": "11=x|41=elsewhere|55=BTCUSDT",
			"XCN": "25033=2|41=elsewhere|11=never|38=0.1|40=2|44=41000|54=2|55=BTCUSDT|59=1", "XAK": "11=never|41=elsewhere|38=0.05|55=BTCUSDT", "q": "11=x|55=BTCUSDT|530=1",
		} {
			c.send(kind, fields)
			c.wants("35=3|372=" + kind + "|371=35|373=99|25016=-1183|58=Requested operation is not allowed in DropCopy sessions.")
		}
	}
	if open := l.View().Orders(l.ada.account, true); len(open) != 3 {
		t.Errorf("open: %+v", open)
	}
	copies[0].send("XLQ", "6136=q")
	copies[0].wants("35=XLR|6136=q|25004=2|25005=7|25006=60|25007=60|25008=s")
	for range 53 {
		copies[0].send("0", "")
	}
	copies[0].send("0", "")
	copies[0].ends("Too many messages; current limit is 60 messages per 60 SECOND.")
	if err := l.RemoveKey(l.ada.account, trader.key); err != nil {
		t.Fatal(err)
	}
	copies[1].ends("API key")
}

// TestSessions: of an account ten may enter orders and ten be copies at once, each under a name of its own.
func TestSessions(t *testing.T) {
	l := goCalm(t)
	for i, more := range []string{"", "|9406=Y"} {
		var last *client
		for n := range 10 {
			last = l.dial(fmt.Sprintf("S%d%d", i, n)).logon(l.ada, more)
		}
		over := l.dial("OVER")
		over.send("A", over.logonFieldsOf(l.ada, 1)+more)
		over.wants("35=3|372=A|373=99|25016=-1034|58=Too many concurrent connections; current limit is '10'.")
		over.ends("Too many concurrent connections")
		last.send("5", "")
		last.ends("Logout")
		for { // until the server has taken notice
			l.fix.mu.Lock()
			n := len(l.fix.sessions[l.ada.account])
			l.fix.mu.Unlock()
			if n == 10*i+9 {
				break
			}
			time.Sleep(time.Millisecond)
		}
		l.dial("OVER"+strconv.Itoa(i)).logon(l.ada, more)
	}
	taken := l.dial("S00") // which enters orders
	taken.send("A", taken.logonFieldsOf(l.bob, 1)+"|9406=Y")
	taken.wants("35=A") // another account's
	same := l.dial("S00")
	same.send("A", same.logonFieldsOf(l.ada, 1)+"|9406=Y")
	same.wants("35=3|25016=-1033")
}

// TestAmend: an order is made smaller and keeps its place.
func TestAmend(t *testing.T) {
	l := goLive(t)
	ada, acks := l.dial("ADA").logon(l.ada, ""), l.dial("ACKS").logon(l.ada, "|25036=2")
	ada.send("D", "11=sell-1|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	id := ada.wants("35=8|11=sell-1|150=0").get(tagOrderID)
	ada.send("XAK", "11=less-1|41=sell-1|38=0.4|55=BTCUSDT")
	ada.wants("35=8|11=less-1|37=" + id + "|150=5|39=0|38=0.40000000|151=0.4")
	acks.send("XAK", "11=less-1|37="+id+"|38=0.3|55=BTCUSDT") // by its own name, which it keeps
	acks.wants("35=8|11=less-1|37=" + id + "|150=5|38=0.30000000")
	ada.wants("35=8|150=5|38=0.30000000")
	ada.send("XAK", "11=less-2|37="+id+"|38=0.3|55=BTCUSDT")
	ada.wants("35=XAR|11=less-2|37=" + id + "|41=-|55=BTCUSDT|38=0.3|25016=-2038|58=The requested action would change no state; rejecting")
	ada.send("XAK", "11=less-3|41=sell-1|38=0.2|55=BTCUSDT")
	ada.wants("35=XAR|11=less-3|41=sell-1|25016=-2038")
	ada.send("XAK", "11=less-4|38=0.2|55=BTCUSDT")
	ada.wants("35=3|372=XAK|371=37|373=1")
	ada.send("XAK", "11=less-4|37="+id+"|55=BTCUSDT")
	ada.wants("35=3|372=XAK|371=38|373=1")
}

// TestAcksOnly: who wants acknowledgements alone hears of nothing else.
func TestAcksOnly(t *testing.T) {
	l := goLive(t)
	ada, bob := l.dial("ADA").logon(l.ada, "|25036=2"), l.dial("BOB").logon(l.bob, "")
	other := l.dial("OTHER").logon(l.ada, "")
	ada.send("D", "11=sell-1|38=0.5|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=sell-1|150=0")
	bob.send("D", "11=buy-1|38=0.2|40=1|54=1|55=BTCUSDT")
	bob.wants("35=8|150=0", "35=8|150=F")
	other.wants("35=8|11=sell-1|150=0", "35=8|11=sell-1|150=F")
	ada.send("F", "11=cancel-1|41=sell-1|55=BTCUSDT")
	ada.wants("35=8|11=cancel-1|150=4")
	other.wants("35=8|150=4")
	ada.send("XLQ", "6136=q")
	ada.wants("35=XLR|6136=q|25003=3|25004=2|25005=3|25006=10000|25007=10|25008=s")
}

// TestShutdown: who is in when the server goes hears it.
func TestShutdown(t *testing.T) {
	l := goLive(t)
	c := l.dial("S").logon(l.ada, "")
	done := make(chan struct{})
	go func() { l.wire.Close(); l.fix.Close(); close(done) }()
	c.ends("the server shuts down")
	<-done
}

// TestTypes holds the types of orders, and what is told of them, to the published table.
func TestTypes(t *testing.T) {
	l := goLive(t)
	ada, bob := l.dial("ADA").logon(l.ada, ""), l.dial("BOB").logon(l.bob, "")
	l.Fund(l.ada.account, "USDT", "100000")
	ada.send("D", "11=s|38=0.01|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|150=0")
	bob.send("D", "11=b|38=0.01|40=1|54=1|55=BTCUSDT") // the last price is 40000
	bob.wants("35=8|150=0", "35=8|150=F")
	ada.wants("35=8|150=F")
	const trigger = "|1100=4|1101=1|1107=2"
	for i, o := range []struct{ side, price, direction, kind string }{
		{"1", "41000", "U", "STOP_LOSS"}, {"2", "39000", "D", "STOP_LOSS"}, {"1", "39000", "D", "TAKE_PROFIT"}, {"2", "41000", "U", "TAKE_PROFIT"},
	} {
		for kind, more := range map[string]string{"3": "", "4": "|44=40000|59=1"} {
			id := fmt.Sprintf("o%d-%s", i, kind)
			ada.send("D", "11="+id+"|38=0.01|40="+kind+"|54="+o.side+"|55=BTCUSDT"+trigger+"|1102="+o.price+"|1109="+o.direction+more)
			ada.wants("35=8|11=" + id + "|150=0|39=0|40=" + kind + "|54=" + o.side + "|636=-|1102=" + o.price + ".00000000|1100=4|1101=1|1107=2|1109=" + o.direction)
			got, _ := l.View().Order(l.ada.account, 0, id)
			if want := o.kind + map[string]string{"3": "", "4": "_LIMIT"}[kind]; got.Type.String() != want {
				t.Errorf("%s %s: %s, want %s", o.side, o.direction, got.Type, want)
			}
			ada.send("F", "11=c"+id+"|41="+id+"|55=BTCUSDT")
			ada.wants("35=8|41=" + id + "|150=4|39=4")
		}
	}
	ada.send("D", "11=x|38=0.01|40=3|54=1|55=BTCUSDT|1101=1|1107=2|1102=41000|1109=U")
	ada.wants("35=3|371=1100|373=1")
	ada.send("D", "11=x|38=0.01|40=3|54=1|55=BTCUSDT"+trigger+"|1102=41000")
	ada.wants("35=3|371=1109|373=1")
	ada.send("D", "11=x|38=0.01|40=2|44=40000|54=1|55=BTCUSDT|59=1|1109=U")
	ada.wants("35=3|371=1109|373=5")
	ada.send("D", "11=x|38=0.01|40=P|54=1|55=BTCUSDT")
	ada.wants("35=3|371=40|373=5")

	// A market by itself: the one that arrives goes, by its mode.
	ada.send("D", "11=mine|38=0.01|40=2|44=40000|54=2|55=BTCUSDT|59=1")
	ada.wants("35=8|11=mine|150=0")
	ada.send("D", "11=self|38=0.01|40=2|44=40000|54=1|55=BTCUSDT|59=1|25001=2")
	ada.wants("35=8|11=self|150=0|25001=2", "35=8|11=self|150=C|39=C|151=0|25024=1|25028=BTCUSDT|25031=0.01000000")
	// What would meet another account of its owner's changes hands, where both orders say so.
	for _, c := range []*customer{l.ada, l.bob} {
		if err := l.SetTradeGroup(&tape.SetTradeGroup{Account: c.account, Group: 7, By: "m.ortiz", Reason: "one owner"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := l.PlaceOrder(&tape.PlaceOrder{
		Account: l.bob.account, Side: book.Buy, Type: tape.Limit, Force: tape.GTC, SelfTrade: tape.Transfer, Price: money.Int(39500), Quantity: money.MustParse("0.01"), ClientID: "hers",
	}); err != nil {
		t.Fatal(err)
	}
	ada.send("D", "11=hand|38=0.01|40=2|44=39500|54=2|55=BTCUSDT|59=1|25001=6")
	ada.wants("35=8|11=hand|150=0|25001=6", "35=8|11=hand|150=C|39=C|14=0.00000000|25024=2|25025=39500.00000000|25026=0.01000000|25027=7|25031=0.01000000")
	ada.send("D", "11=fok|38=1|40=2|44=39000|54=2|55=BTCUSDT|59=4")
	ada.wants("35=8|11=fok|150=0|59=4", "35=8|11=fok|150=C|39=C|25056=UNFILLED_FOK_ORDER_EXPIRED")
}
