package fix

import (
	"bufio"
	"bytes"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/internal/fuzzing"
)

// FuzzRead: whatever comes, reading ends, takes no more than it may, and what it takes for a
// message is written again as it came.
func FuzzRead(f *testing.F) {
	f.Add(encode(message{{tagMsgType, "0"}, {tagTestReqID, "x"}}))
	f.Add(encode(message{{tagMsgType, "A"}, {tagRawLength, "3"}, {tagRawData, "a=b"}, {tagSymbol, "BTCUSDT"}}))
	f.Add([]byte("8=FIX.4.4\x019=0000005\x0135=0\x0110=161\x01"))
	f.Add([]byte("8=FIX.4.4\x019=16\x0135=A\x0195=3\x0196=\x01\x01\x01\x0110=098\x01"))
	f.Add([]byte("8=FIX.4.4\x019=99999999999999999999\x01"))
	fuzzing.Bound(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		m, err := read(r)
		if err != nil {
			return
		}
		if m[0].tag != tagMsgType || len(m) > maxFields {
			t.Fatalf("%+v", m)
		}
		again, err := read(bufio.NewReader(bytes.NewReader(encode(m))))
		printable := true
		for _, f := range m {
			printable = printable && (f.value == "" || text(f.value))
		}
		if !printable {
			return // what is sent is of printable characters
		}
		if err != nil || len(again) != len(m) {
			t.Fatalf("%+v\nagain %+v, %v", m, again, err)
		}
		for i := range m {
			if m[i] != again[i] {
				t.Fatalf("%+v\nagain %+v", m, again)
			}
		}
	})
}

// FuzzSession: whatever a customer sends, as lines of which those that begin with = are made
// messages of with the right length, sum and header, the answers are messages with numbers
// without gaps, the last of them a Logout if there was anybody to send it to, and the session
// ends. Bob has no bitcoin, so that none is ever sold. Where the first line is "copy" it is a drop copy.
func FuzzSession(f *testing.F) {
	for _, lines := range []string{
		"=1|112=x\n=XLQ|6136=a\n=5",
		"=D|11=a|38=0.5|40=2|44=40000|54=1|55=BTCUSDT|59=1\n=F|11=b|41=a|55=BTCUSDT\n=q|11=c|55=BTCUSDT|530=1",
		"=D|11=a|38=0.5|40=2|44=40000|54=1|55=BTCUSDT|59=1\n=XAK|11=b|41=a|38=0.4|55=BTCUSDT\n=XCN|25033=1|25038=2|41=b|25034=c|11=d|38=0.1|40=1|54=1|55=BTCUSDT\n=XCN|25033=2|37=9|11=e|152=1|40=1|54=1|55=BTCUSDT",
		"=D|11=a|38=0.5|40=3|54=2|55=BTCUSDT|1100=4|1101=1|1102=100|1107=2|1109=U\n=D|11=b|152=10|40=1|54=1|55=BTCUSDT",
		"=D|11=a|38=1|40=2|44=1e9|54=3|55=\n=F|11=b|66=1|55=BTCUSDT\n=2|7=1|16=0\n=A\n=Z\n=",
		"=E|25014=a|1385=2|73=2|11=w|38=0.1|40=2|44=39000|54=1|55=BTCUSDT|59=1|11=p|38=0.1|40=1|54=2|55=BTCUSDT" + whenFull + "\n=F|11=c|25015=a|55=BTCUSDT\n=E|25014=b|1385=1|" + pairOfSells("x", "0.1", "39000", "41000"),
		"copy\n=XLQ|6136=a\n=D|11=a|38=0.5|40=2|44=40000|54=1|55=BTCUSDT|59=1\n=q|11=c|55=BTCUSDT|530=1",
		"=0|25000=1\n=0|25000=99999999\n=3|58=no\nGET / HTTP/1.1",
	} {
		f.Add(lines)
	}
	fuzzing.Bound(f)
	l := goLive(f)
	from := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(sample.FromUS))
	f.Fuzz(func(t *testing.T, lines string) {
		here, there := net.Pipe()
		ended := make(chan struct{})
		go func() { defer close(ended); l.fix.session(placed{there, from}); there.Close() }()
		var answers []message
		read1 := bufio.NewReader(here)
		heard := make(chan struct{})
		go func() {
			defer close(heard)
			for {
				m, err := read(read1)
				if err != nil {
					return
				}
				answers = append(answers, m)
			}
		}()
		c := &client{t: t, l: l, conn: here, name: "FUZZ"}
		write := func(b []byte) bool {
			_, err := here.Write(b)
			return err == nil
		}
		head := func(kind string) message {
			c.seq++
			return message{{tagMsgType, kind}, {tagMsgSeqNum, strconv.Itoa(c.seq)}, {tagSender, c.name}, {tagSendingTime, l.Clock.Now().Format("20060102-15:04:05.000")}, {tagTarget, "SPOT"}}
		}
		fields := func(m message, s string) message {
			for f := range strings.SplitSeq(s, "|") {
				if tag, v, ok := strings.Cut(f, "="); ok {
					if n, err := strconv.ParseUint(tag, 10, 16); err == nil {
						m = append(m, field{int(n), v})
					}
				}
			}
			return m
		}
		more := ""
		if rest, ok := strings.CutPrefix(lines, "copy\n"); ok {
			lines, more = rest, "|9406=Y"
		}
		if !write(encode(fields(head("A"), c.logonFieldsOf(l.bob, 1)+more))) {
			t.Fatal("no Logon was read")
		}
		for line := range strings.SplitSeq(lines, "\n") {
			made, ok := strings.CutPrefix(line, "=")
			b := []byte(line)
			if ok {
				kind, more, _ := strings.Cut(made, "|")
				b = encode(fields(head(kind), more))
			}
			if !write(b) {
				break
			}
		}
		// What is half a message by now waits for the rest until the client is gone.
		write(encode(head("5")))
		select {
		case <-ended:
		case <-time.After(50 * time.Millisecond):
			here.Close()
			<-ended
		}
		here.Close()
		<-heard
		for i, m := range answers {
			if m.get(tagMsgSeqNum) != strconv.Itoa(i+1) || m.get(tagTarget) != "FUZZ" {
				t.Fatalf("answer %d: %+v", i, m)
			}
			if kind := m.get(tagMsgType); kind == "5" && i != len(answers)-1 {
				t.Fatalf("after the end: %+v", answers[i+1:])
			}
			if m.get(tagExecType) == "F" {
				t.Fatalf("a trade with nobody: %+v", m)
			}
		}
		if len(answers) == 0 || answers[0].get(tagMsgType) != "A" {
			t.Fatalf("answers %+v", answers)
		}
	})
}
