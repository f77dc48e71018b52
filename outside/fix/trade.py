"""Two customers who speak FIX 4.4 with simplefix trade over TLS: Logon, an
order of each side, the trade told to both, a cancel, a pair of orders of which
one cancels the other, Logout. A third session, by a key that only reads, is told
what happens to the first one's orders."""
import base64, datetime, json, os, socket, ssl, subprocess, tempfile, urllib.request

import simplefix
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

program, keys = os.environ["SALLYPORT"], os.environ["SALLYPORT_KEYS"]
trusted = ssl.create_default_context(cafile=keys + "/tls.crt")


class Client:
    def __init__(self, address, name, key, private, *more):
        host, port = address.rsplit(":", 1)
        self.conn = trusted.wrap_socket(socket.create_connection((host, int(port)), timeout=20), server_hostname="127.0.0.1")
        self.name, self.seq, self.got, self.parser, self.raw = name, 0, 0, simplefix.FixParser(), b""
        at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H:%M:%S.%f")
        signature = base64.b64encode(private.sign("\x01".join(["A", name, "SPOT", "1", at]).encode())).decode()
        self.send("A", (95, len(signature)), (96, signature), (98, 0), (108, 30), (141, "Y"), (553, key), (25035, 2), *more, at=at)
        self.wants({35: "A", 98: "0", 108: "30"})

    def send(self, kind, *fields, at=None):
        self.seq += 1
        m = simplefix.FixMessage()
        m.append_pair(8, "FIX.4.4")
        m.append_pair(35, kind)
        m.append_pair(34, self.seq)
        m.append_pair(49, self.name)
        m.append_pair(52, at or datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d-%H:%M:%S.%f"))
        m.append_pair(56, "SPOT")
        for tag, value in fields:
            m.append_pair(tag, value)
        self.conn.sendall(m.encode())

    def wants(self, want):
        while True:
            m = self.parser.get_message()
            if m is not None:
                break
            b = self.conn.recv(4096)
            assert b, f"the connection ended; want {want}"
            self.parser.append_buffer(b)
            self.raw += b
        self.got += 1
        # simplefix writes it as it came, with a length and a sum that it computes itself.
        written = m.encode()
        assert self.raw.startswith(written), f"{self.raw}, want {written}"
        self.raw = self.raw[len(written):]
        assert m.get(34) == str(self.got).encode(), m
        for tag, value in want.items():
            assert m.get(tag) == value.encode(), f"{m}: field {tag}, want {value}"
        return m


def main(data):
    config = os.path.join(data, "config.yaml")
    default = subprocess.run([program, "serve", "--print-config"], check=True, capture_output=True, text=True).stdout
    assert 'fix: {listen: ""}' in default
    with open(config, "w") as f:
        f.write(default.replace('fix: {listen: ""}', 'fix: {listen: "127.0.0.1:0"}'))
    serve = subprocess.Popen(
        [program, "serve", "--data", data + "/x", "--config", config, "--listen", "127.0.0.1:0", "--tls-certificate", keys + "/tls.crt", "--tls-key", keys + "/tls.key"],
        stdout=subprocess.PIPE, text=True)
    try:
        base = address = ""
        while not address:
            line = serve.stdout.readline()
            assert line, "serve ended"
            if line.startswith("listening on "):
                base = line.split()[-1]
            if line.startswith("FIX 4.4 listening on "):
                address = line.split()[-1]
        with open(data + "/x/keys/desk.token") as f:
            token = f.read().strip()

        def desk(path, body):
            r = urllib.request.Request(base + "/desk/v1" + path, json.dumps(body).encode(), {"Authorization": "Bearer " + token})
            return json.load(urllib.request.urlopen(r, context=trusted))

        def customer(name, born, asset, amount):
            profile = {"kind": "person", "names": [{"full": name, "kind": "primary"}], "birth": [born], "birth_places": ["US"], "nationalities": ["US"],
                       "residence": {"town": "Springfield", "country": "US"}}
            o = desk("/customers", {"operator": "us", "profile": profile})
            desk("/transfers", {"account": o["account"], "asset": asset, "amount": amount, "from": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"})
            return o["account"]

        def key(account, may):
            private = Ed25519PrivateKey.generate()
            public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            return desk(f"/customers/{account}/keys", {"public_key": public, "may": may})["apiKey"], private

        hers = customer("Adaline Wrenfield", "1985-05-17", "BTC", "2")
        ada, copy = Client(address, "ADA", *key(hers, ["trade"])), Client(address, "COPY", *key(hers, ["read"]), (9406, "Y"))
        bob = Client(address, "BOB", *key(customer("Bertram Oakhollow", "1979-02-03", "USDT", "100000"), ["trade"]))
        ada.send("D", (11, "sell-1"), (38, "0.5"), (40, 2), (44, "40000"), (54, 2), (55, "BTCUSDT"), (59, 1))
        ada.wants({35: "8", 11: "sell-1", 150: "0", 39: "0"})
        bob.send("D", (11, "buy-1"), (38, "0.2"), (40, 1), (54, 1), (55, "BTCUSDT"))
        bob.wants({35: "8", 11: "buy-1", 150: "0"})
        bob.wants({35: "8", 150: "F", 39: "2", 32: "0.20000000", 31: "40000.00000000", 138: "BTC"})
        ada.wants({35: "8", 150: "F", 39: "1", 151: "0.3", 138: "USDT"})
        ada.send("F", (11, "cancel-1"), (41, "sell-1"), (55, "BTCUSDT"))
        ada.wants({35: "8", 11: "cancel-1", 41: "sell-1", 150: "4"})

        def leg(name, *fields, when, other):
            return [(11, name), (38, "0.1"), (54, 2), (55, "BTCUSDT"), *fields, (25010, 1), (25011, when), (25012, other), (25013, 2)]

        ada.send("E", (25014, "pair"), (1385, 1), (73, 2), *leg("loss", (40, 3), (1100, 4), (1101, 1), (1102, "39000"), (1107, 2), (1109, "D"), when=2, other=1),
                 *leg("profit", (40, 2), (18, 6), (44, "41000"), when=1, other=0))
        ada.wants({35: "8", 11: "loss", 150: "0", 40: "3"})
        ada.wants({35: "8", 11: "profit", 150: "0", 40: "2"})
        started = ada.wants({35: "N", 25014: "pair", 1385: "1", 429: "4", 431: "3", 73: "2"})
        assert [started.get(11, n) for n in (1, 2)] == [b"loss", b"profit"] and [started.get(25011, n) for n in (1, 2)] == [b"2", b"1"], started
        bob.send("D", (11, "buy-2"), (38, "0.1"), (40, 1), (54, 1), (55, "BTCUSDT"))
        bob.wants({35: "8", 11: "buy-2", 150: "0"})
        bob.wants({35: "8", 150: "F", 39: "2", 31: "41000.00000000"})
        fates = sorted((m.get(11), m.get(150)) for m in (ada.wants({35: "8"}), ada.wants({35: "8"})))
        assert fates == [(b"loss", b"C"), (b"profit", b"F")], fates
        ada.wants({35: "N", 25014: "pair", 429: "5", 431: "6"})
        for want in ("sell-1", "0"), ("sell-1", "F"), ("cancel-1", "4"), ("loss", "0"), ("profit", "0"):
            copy.wants({35: "8", 11: want[0], 150: want[1]})
        copy.wants({35: "N", 25014: "pair", 429: "4"})
        copy.send("F", (11, "cancel-2"), (41, "profit"), (55, "BTCUSDT"))
        assert sorted((m.get(35), m.get(25016)) for m in (copy.wants({}) for _ in range(4))) == [(b"3", b"-1183"), (b"8", None), (b"8", None), (b"N", None)]
        ada.send("5")
        ada.wants({35: "5", 58: "Logout acknowledgment."})
        serve.terminate()
        bob.wants({35: "5", 58: "the server shuts down"})
        assert serve.wait(20) == 0
    finally:
        serve.kill()
    print("a conversation in FIX with simplefix")


with tempfile.TemporaryDirectory() as folder:
    main(folder)
