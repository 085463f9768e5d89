package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certificate is one row of the cluster's keys: who it names, and for a server, where it answers.
type certificate struct {
	file         string
	user         string
	organization []string
	hosts        []string
}

// runCerts writes every key and certificate of a cluster, as PEM, into a directory.
func runCerts() int {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: certs DIRECTORY NODE_NAME NODE_ADDRESS API_SERVICE_ADDRESS")
		return 1
	}
	if err := writeCerts(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, "certs:", err)
		return 1
	}
	return 0
}

func writeCerts(dir, node, address, service string) error {
	api := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc",
		"kubernetes.default.svc.cluster.local", "localhost", "127.0.0.1", address, service}
	wanted := []certificate{
		{file: "apiserver", user: "kube-apiserver", hosts: api},
		{file: "apiserver-kubelet-client", user: "kube-apiserver-kubelet-client", organization: []string{"system:masters"}},
		{file: "kubelet-server", user: node, hosts: []string{node, address}},
		{file: "kubelet", user: "system:node:" + node, organization: []string{"system:nodes"}},
		{file: "kube-controller-manager", user: "system:kube-controller-manager"},
		{file: "kube-scheduler", user: "system:kube-scheduler"},
		{file: "kube-proxy", user: "system:kube-proxy"},
		{file: "coredns", user: "coredns"},
		{file: "storage-provisioner", user: "storage-provisioner"},
		{file: "kube-network-policies", user: "kube-network-policies"},
		{file: "admin", user: "gc-k8s-admin", organization: []string{"system:masters"}},
	}
	ca, caKey, err := writeAuthority(dir)
	if err != nil {
		return err
	}
	for _, w := range wanted {
		key, err := writeKey(dir, w.file)
		if err != nil {
			return err
		}
		template := newTemplate(pkix.Name{CommonName: w.user, Organization: w.organization})
		template.KeyUsage = x509.KeyUsageDigitalSignature
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		if w.hosts != nil {
			template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}
		for _, host := range w.hosts {
			if ip := net.ParseIP(host); ip != nil {
				template.IPAddresses = append(template.IPAddresses, ip)
			} else {
				template.DNSNames = append(template.DNSNames, host)
			}
		}
		if _, err := writeCertificate(dir, w.file, template, ca, key, caKey); err != nil {
			return err
		}
	}
	return writeServiceAccountKeys(dir)
}

func writeAuthority(dir string) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := writeKey(dir, "ca")
	if err != nil {
		return nil, nil, err
	}
	template := newTemplate(pkix.Name{CommonName: "gc-k8s"})
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	ca, err := writeCertificate(dir, "ca", template, template, key, key)
	return ca, key, err
}

func writeServiceAccountKeys(dir string) error {
	key, err := writeKey(dir, "service-accounts")
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, "service-accounts.pub"), "PUBLIC KEY", public)
}

func newTemplate(subject pkix.Name) *x509.Certificate {
	serial, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120)) // crypto/rand never fails
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      subject,
		NotBefore:    time.Now().Add(-time.Hour), // clocks step back
		NotAfter:     time.Now().AddDate(10, 0, 0),
	}
}

func writeKey(dir, name string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, writePEM(filepath.Join(dir, name+".key"), "EC PRIVATE KEY", der)
}

func writeCertificate(dir, name string, template, parent *x509.Certificate, key, parentKey *ecdsa.PrivateKey) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		return nil, err
	}
	if err := writePEM(filepath.Join(dir, name+".crt"), "CERTIFICATE", der); err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func writePEM(path, kind string, der []byte) error {
	return os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
