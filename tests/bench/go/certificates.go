// The facts of certificates as Go's standard library tells them, for `make bench` to compare with: every field that certledger reads.
// Usage: certificates FILE...; prints how many certificates were read, how many bytes their facts have, and seconds of the processor.
package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
	"syscall"
)

type facts struct {
	fingerprint, serial, commonName, names, subject, issuer, issuerName, keyType, curve, signature, spki, ski, aki, usage string
	exponent, modulus                                                                                                     string
	begins, ends                                                                                                          int64
	bits                                                                                                                  int
	hasNames, isCA, isSelfIssued                                                                                          bool
}

func read(der []byte) (facts, bool) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return facts{}, false
	}
	found := facts{
		fingerprint:  fingerprint(der),
		serial:       certificate.SerialNumber.Text(16),
		commonName:   certificate.Subject.CommonName,
		names:        names(certificate),
		subject:      certificate.Subject.String(),
		issuer:       certificate.Issuer.String(),
		issuerName:   certificate.Issuer.CommonName,
		signature:    certificate.SignatureAlgorithm.String(),
		spki:         fingerprint(certificate.RawSubjectPublicKeyInfo),
		ski:          hex.EncodeToString(certificate.SubjectKeyId),
		aki:          hex.EncodeToString(certificate.AuthorityKeyId),
		usage:        usage(certificate),
		begins:       certificate.NotBefore.UnixMicro(),
		ends:         certificate.NotAfter.UnixMicro(),
		isCA:         certificate.IsCA,
		isSelfIssued: string(certificate.RawSubject) == string(certificate.RawIssuer),
	}
	found.hasNames = found.names != ""
	switch key := certificate.PublicKey.(type) {
	case *rsa.PublicKey:
		found.keyType, found.bits, found.exponent, found.modulus = "RSA", key.N.BitLen(), fmt.Sprint(key.E), key.N.Text(16)
	case *ecdsa.PublicKey:
		found.keyType, found.bits, found.curve = "EC", key.Curve.Params().BitSize, key.Curve.Params().Name
	case ed25519.PublicKey:
		found.keyType = "Ed25519"
	}
	return found, true
}

func fingerprint(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func names(certificate *x509.Certificate) string {
	found := make([]string, 0, len(certificate.DNSNames))
	for _, name := range certificate.DNSNames {
		found = append(found, strings.ToLower(name))
	}
	for _, address := range certificate.IPAddresses {
		found = append(found, address.String())
	}
	sort.Strings(found)
	return strings.Join(found, " ")
}

func usage(certificate *x509.Certificate) string {
	found := make([]string, 0, len(certificate.ExtKeyUsage))
	for _, purpose := range certificate.ExtKeyUsage {
		switch purpose {
		case x509.ExtKeyUsageServerAuth:
			found = append(found, "serverAuth")
		case x509.ExtKeyUsageClientAuth:
			found = append(found, "clientAuth")
		}
	}
	sort.Strings(found)
	return strings.Join(found, " ")
}

func main() {
	runtime.GOMAXPROCS(1)
	count, size := 0, 0
	for _, path := range os.Args[1:] {
		rest, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		for {
			var block *pem.Block
			block, rest = pem.Decode(rest)
			if block == nil {
				break
			}
			if found, ok := read(block.Bytes); ok {
				count++
				size += len(found.fingerprint) + len(found.names) + len(found.subject) + len(found.modulus)
			}
		}
	}
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	seconds := float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e9
	fmt.Printf("%d %d %.3f\n", count, size, seconds)
}
