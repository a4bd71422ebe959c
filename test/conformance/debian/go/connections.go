// SPDX-License-Identifier: Apache-2.0
// The ways to connect: plain text, TLS by address, mutual TLS with and without the client's certificate.

package main

import (
	"context"
	"crypto/tls"
	"os"
	"time"

	"golang.org/x/oauth2"
	"google.golang.org/api/option"
	credentialspb "google.golang.org/genproto/googleapis/iam/credentials/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
)

func speaksPlain(ctx context.Context) {
	connection, err := grpc.DialContext(ctx, os.Getenv("PLAIN"), grpc.WithInsecure())
	require(err)
	client := openClient(ctx, option.WithGRPCConn(connection))
	defer client.Close()
	withToken := metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+os.Getenv("PLAIN_TOKEN"))
	_, err = client.SignBlob(withToken, &credentialspb.SignBlobRequest{Name: nameOf(target), Payload: []byte("x")})
	require(err)
}

func tokenOf(variable string) option.ClientOption {
	return option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: os.Getenv(variable)}))
}

func speaksTLSByAddress(ctx context.Context) {
	got := signBlobAs(ctx, nameOf(target), nil, option.WithEndpoint(os.Getenv("SECURE")), tokenOf("SECURE_TOKEN"))
	expect(got.Code() == codes.OK, "%v", got.Err())
}

func speaksMutualTLS(ctx context.Context) {
	pair, err := tls.LoadX509KeyPair(os.Getenv("STAGE")+"/client.pem", os.Getenv("STAGE")+"/client.key")
	require(err)
	where := option.WithEndpoint(os.Getenv("MUTUAL"))
	// This version takes a certificate source over HTTP only.
	own := grpc.WithTransportCredentials(credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{pair}}))
	got := signBlobAs(ctx, nameOf(target), nil, where, tokenOf("MUTUAL_TOKEN"), option.WithGRPCDialOption(own))
	expect(got.Code() == codes.OK, "%v", got.Err())
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	got = signBlobAs(short, nameOf(target), nil, where, tokenOf("MUTUAL_TOKEN"))
	// The client tries again until its time is up, and then rejects with the context's error.
	expect(got.Message() == context.DeadlineExceeded.Error(), "without a certificate: %v", got.Err())
}

func connectionChecks() []check {
	return []check{
		{"plain text will do, with a connection that the caller brings", speaksPlain},
		{"TLS will do by the emulator's address", speaksTLSByAddress},
		{"mutual TLS will do with a client certificate of the authority, and not without", speaksMutualTLS},
	}
}
