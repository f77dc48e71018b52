package binance

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"sallyport/api/internal/sample"
)

// Kinds of frames (RFC 6455, section 5.2).
const (
	textFrame  = 0x1
	closeFrame = 0x8
	pingFrame  = 0x9
	pongFrame  = 0xA
)

// A frameClient sends frames as they are, also those that a library sends by itself alone.
type frameClient struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func (l *live) frames(path string) *frameClient {
	l.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(l.url, "ws://"))
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: wire\r\nX-Forwarded-For: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
		path, strings.TrimSuffix(sample.FromUS, ":1234"))
	c := &frameClient{l.t, conn, bufio.NewReader(conn)}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		l.t.Fatalf("%s: %v %v", path, res, err)
	}
	return c
}

// send sends a frame, masked by zeros.
func (c *frameClient) send(kind byte, payload string) {
	c.t.Helper()
	if _, err := c.conn.Write(append([]byte{0x80 | kind, 0x80 | byte(len(payload)), 0, 0, 0, 0}, payload...)); err != nil {
		c.t.Fatal(err)
	}
}

// next is the next frame, of less than 64 KiB.
func (c *frameClient) next() (kind byte, payload string) {
	c.t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.in, head); err != nil {
		c.t.Fatal(err)
	}
	n := int(head[1])
	if n == 126 {
		var more [2]byte
		if _, err := io.ReadFull(c.in, more[:]); err != nil {
			c.t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(more[:]))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c.in, b); err != nil {
		c.t.Fatal(err)
	}
	return head[0] & 0xF, string(b)
}

// TestFramesInASecond: five messages may come in a second on a connection of streams, and a ping, a pong and a JSON
// message are one each, as published; on one of the WebSocket API any number.
func TestFramesInASecond(t *testing.T) {
	l := goLive(t)
	const ask = `{"method":"LIST_SUBSCRIPTIONS","id":1}`
	of := map[string]byte{"ping": pingFrame, "pong": pongFrame, "text": textFrame}
	for _, c := range []struct {
		path, frames string // five of which the last is answered, or is too many
		ends         bool
	}{
		{"/ws", "pong pong pong pong text", false},
		{"/ws", "pong pong pong pong pong text", true},
		{"/ws", "ping ping ping ping text", false},
		{"/ws", "ping ping ping ping ping text", true},
		{"/ws", "text text text text text", false},
		{"/ws", "text text text text text text", true},
		{"/ws", "ping pong text pong text", false},
		{"/ws", "ping pong text pong pong ping", true},
		{"/stream", "pong pong pong pong pong pong", true},
		{"/ws-api/v3", "pong pong pong ping pong pong pong pong text", false},
	} {
		f := l.frames(c.path)
		sent := strings.Fields(c.frames)
		wanted := 0
		for _, kind := range sent {
			f.send(of[kind], map[string]string{"text": ask}[kind])
			if kind != "pong" {
				wanted++
			}
		}
		ended, answers := false, 0
		for !ended && answers < wanted {
			kind, payload := f.next()
			switch kind {
			case closeFrame:
				ended = true
				if code := binary.BigEndian.Uint16([]byte(payload)); websocket.StatusCode(code) != websocket.StatusPolicyViolation {
					t.Errorf("%s %s: closed with %d", c.path, c.frames, code)
				}
			default:
				answers++
			}
		}
		if !ended && c.ends {
			// A pong is not answered: what has ended says so.
			kind, _ := f.next()
			ended = kind == closeFrame
		}
		if ended != c.ends {
			t.Errorf("%s %s: ended %t after %d answers, want %t", c.path, c.frames, ended, answers, c.ends)
		}
	}
}

// TestStreamsOfAConnection: a connection listens to 1,024 streams at most, each counted once however often it is named.
func TestStreamsOfAConnection(t *testing.T) {
	l := goLive(t)
	var opened struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
	times := func(name string, n int) []string { return strings.Split(strings.Repeat(name+" ", n-1)+name, " ") }
	subscribe := func(names []string) string {
		b, err := json.Marshal(names)
		if err != nil {
			t.Fatal(err)
		}
		return `{"method":"SUBSCRIBE","params":` + string(b) + `,"id":1}`
	}
	const yes, tooMany = `{"result":null,"id":1}`, `{"error":{"code":-1101,"msg":"A connection listens to 1024 streams at most."},"id":1}`
	c := l.dial("/ws/btcusdt@trade/btcusdt@trade")
	for _, s := range []struct {
		names []string
		want  string
	}{
		{times("btcusdt@trade", 1024), yes},
		{append(times("btcusdt@depth", 1500), times(opened.ListenKey, 200)...), yes},
		{times("btcusdt@trade", 2000), yes},
	} {
		c.asks(subscribe(s.names), s.want)
	}
	c.asks(`{"method":"LIST_SUBSCRIPTIONS","id":2}`, `{"result":["`+strings.Join(slices.Sorted(slices.Values([]string{opened.ListenKey, "btcusdt@depth", "btcusdt@trade"})), `","`)+`"],"id":2}`)

	// As if the connection listened to all but two already.
	l.wire.hub.mu.Lock()
	for o := range l.wire.hub.topics["btcusdt@trade"].readers {
		for i := range maxStreams - 4 {
			name := fmt.Sprint("made-up-", i)
			o.topics[name] = &topic{name: name, m: l.wire.bySymbol["BTCUSDT"], readers: map[*conn]bool{}}
		}
	}
	l.wire.hub.mu.Unlock()
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	c.asks(subscribe([]string{"btcusdt@aggTrade", "ethusdt@trade"}), tooMany) // 3 + 1020 + 2
	c.asks(subscribe([]string{"btcusdt@aggTrade", "btcusdt@trade", opened.ListenKey, "btcusdt@aggTrade"}), yes)
	c.asks(subscribe([]string{"ethusdt@trade"}), tooMany)
	c.asks(subscribe(times("btcusdt@aggTrade", 3)), yes)
}
