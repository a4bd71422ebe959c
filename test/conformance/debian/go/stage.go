// SPDX-License-Identifier: Apache-2.0
// What the checks need of the stage: the client, the emulator's own endpoints, and published keys. Makes no claim of its own.

package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	credentials "cloud.google.com/go/iam/credentials/apiv1"
	"google.golang.org/api/option"
)

// The client as it comes, on Google's endpoint, with application default credentials.
func openClient(ctx context.Context, options ...option.ClientOption) *credentials.IamCredentialsClient {
	client, err := credentials.NewIamCredentialsClient(ctx, options...)
	require(err)
	return client
}

func fetchJSON(ctx context.Context, method, url string, body, into interface{}) {
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		require(err)
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, url, content)
	require(err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	require(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require(err)
	expect(response.StatusCode == 200, "%s: %s: %s", request.URL.Path, response.Status, text)
	if into != nil {
		require(json.Unmarshal(text, into))
	}
}

func controlURL(path string) string {
	return fmt.Sprintf("https://%s/emulator/v1/%s", os.Getenv("SECURE"), path)
}

// Sets a fault of the secure emulator; the result removes what is left of it.
func addFault(ctx context.Context, fault map[string]interface{}) func() {
	fetchJSON(ctx, "POST", controlURL("faults"), fault, nil)
	return func() { fetchJSON(context.Background(), "DELETE", controlURL("faults"), nil, nil) }
}

// What the secure emulator's log says of a call.
type callRecord struct {
	Method, Principal, Transport, Status, ServiceAccount, ApiClient, RequestParams, QuotaProject string
	Delegates                                                                                    []string
	Attempt                                                                                      int
	TimeoutMs                                                                                    float64
}

// The calls of a method that the secure emulator has logged.
func callsOf(ctx context.Context, method string) []callRecord {
	var log struct{ Calls []callRecord }
	fetchJSON(ctx, "GET", controlURL("calls"), nil, &log)
	var calls []callRecord
	for _, call := range log.Calls {
		if call.Method == method {
			calls = append(calls, call)
		}
	}
	expect(len(calls) > 0, "the log has no call of %s", method)
	return calls
}

func lastCallOf(ctx context.Context, method string) callRecord {
	calls := callsOf(ctx, method)
	return calls[len(calls)-1]
}

// A public key of an account, from the certificates that Google publishes.
func publishedKey(ctx context.Context, email, keyID string) *rsa.PublicKey {
	var certificates map[string]string
	fetchJSON(ctx, "GET", "https://www.googleapis.com/service_accounts/v1/metadata/x509/"+email, nil, &certificates)
	block, _ := pem.Decode([]byte(certificates[keyID]))
	expect(block != nil, "no certificate is published for the key %s", keyID)
	certificate, err := x509.ParseCertificate(block.Bytes)
	require(err)
	require(certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature))
	key, isRSA := certificate.PublicKey.(*rsa.PublicKey)
	expect(isRSA && key.Size() == 256, "the certificate's key is no RSA key of 2048 bits")
	return key
}

func requireSignature(key *rsa.PublicKey, payload, signature []byte) {
	digest := sha256.Sum256(payload)
	require(rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature))
}

func decodePart(part string, into interface{}) {
	text, err := base64.RawURLEncoding.DecodeString(part)
	require(err)
	require(json.Unmarshal(text, into))
}

// The claims of a JWT that an account has signed.
func verifiedClaims(ctx context.Context, email, token string) map[string]interface{} {
	parts := strings.Split(token, ".")
	expect(len(parts) == 3, "a JWT has three parts, not %d", len(parts))
	var header struct{ Alg, Kid, Typ string }
	decodePart(parts[0], &header)
	expect(header.Alg == "RS256" && header.Typ == "JWT", "the header is %+v", header)
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require(err)
	requireSignature(publishedKey(ctx, email, header.Kid), []byte(parts[0]+"."+parts[1]), signature)
	claims := map[string]interface{}{}
	decodePart(parts[1], &claims)
	return claims
}
