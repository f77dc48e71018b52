package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// tlsConfig says how connections are kept private. The zero value is a self-made certificate.
type tlsConfig struct {
	Off         bool   `yaml:"off"`
	Certificate string `yaml:"certificate"` // file (PEM) of a certificate and those that vouch for it, and
	Key         string `yaml:"key"`         // of its key; both "": self-made
}

const (
	// madeFor is how long a self-made certificate lasts: clients that are told to trust one
	// take none that lasts longer than 825 days.
	madeFor = 820 * 24 * time.Hour
	// renewBefore is how long before its end another is made.
	renewBefore = 30 * 24 * time.Hour
)

// scheme is that of the addresses.
func (c *tlsConfig) scheme() string {
	if c.Off {
		return "http"
	}
	return "https"
}

// listener is a listener that speaks TLS as the configuration says, and the fingerprint of its
// certificate, or the listener itself and "" where it is off.
func (c *tlsConfig) listener(l net.Listener, data string, now time.Time) (net.Listener, string, error) {
	if c.Off {
		return l, "", nil
	}
	cert, key := c.Certificate, c.Key
	if (cert == "") != (key == "") {
		return nil, "", errors.New("tls: want a certificate and its key, or neither for a self-made one")
	}
	if cert == "" {
		cert, key = filepath.Join(data, "keys", "tls.crt"), filepath.Join(data, "keys", "tls.key")
		if err := selfMade(cert, key, l.Addr(), now); err != nil {
			return nil, "", err
		}
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, "", fmt.Errorf("tls: %w", err)
	}
	// HTTP/1.1 alone: a WebSocket takes over its connection.
	conf := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	return tls.NewListener(l, conf), fingerprint(pair.Certificate[0]), nil
}

// selfMade makes a certificate and its key, unless there is one that lasts.
func selfMade(cert, key string, addr net.Addr, now time.Time) error {
	b, err := os.ReadFile(cert)
	if err == nil {
		block, _ := pem.Decode(b)
		if block == nil {
			return fmt.Errorf("tls: %s is no certificate; remove it and start again for a new one", cert)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return fmt.Errorf("tls: %s: %w; remove it and start again for a new one", cert, err)
		}
		if now.Before(c.NotAfter.Add(-renewBefore)) {
			return nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("tls: %w", err)
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Sallyport, self-made"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(madeFor), // an hour for clocks that run behind
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	if host, err := os.Hostname(); err == nil {
		t.DNSNames = append(t.DNSNames, host)
	}
	if a, ok := addr.(*net.TCPAddr); ok && !a.IP.IsUnspecified() && !a.IP.IsLoopback() {
		t.IPAddresses = append(t.IPAddresses, a.IP)
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &private.PublicKey, private)
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(cert), 0o700); err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	// The key first: a certificate is only ever found beside its key.
	for _, f := range []struct {
		path, kind string
		bytes      []byte
		mode       os.FileMode
	}{{key, "PRIVATE KEY", secret, 0o600}, {cert, "CERTIFICATE", der, 0o644}} {
		if err := replaceFile(f.path, pem.EncodeToMemory(&pem.Block{Type: f.kind, Bytes: f.bytes}), f.mode); err != nil {
			return fmt.Errorf("tls: %w", err)
		}
	}
	return nil
}

// replaceFile puts a whole file in place or none.
func replaceFile(path string, b []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// fingerprint is a certificate's SHA-256 as browsers and OpenSSL show it.
func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	pairs := make([]string, len(sum))
	for i, b := range sum {
		pairs[i] = fmt.Sprintf("%02X", b)
	}
	return strings.Join(pairs, ":")
}
