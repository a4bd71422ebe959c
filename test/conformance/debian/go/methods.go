// SPDX-License-Identifier: Apache-2.0
// The four methods through Google's Go client, without an option: endpoint and credentials are the client's own.

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang/protobuf/ptypes"
	"google.golang.org/api/idtoken"
	credentialspb "google.golang.org/genproto/googleapis/iam/credentials/v1"
)

func generatesAccessToken(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	request := &credentialspb.GenerateAccessTokenRequest{
		Name:     nameOf(target),
		Scope:    []string{cloudPlatform},
		Lifetime: ptypes.DurationProto(300 * time.Second),
	}
	response, err := client.GenerateAccessToken(ctx, request)
	require(err)
	expect(strings.HasPrefix(response.AccessToken, "ya29.c."), "the token begins with %.7s", response.AccessToken)
	expiry, err := ptypes.Timestamp(response.ExpireTime)
	require(err)
	left := time.Until(expiry)
	expect(left > 200*time.Second && left <= 301*time.Second, "the token lives for %v", left)
	call := lastCallOf(ctx, "GenerateAccessToken")
	expect(call.Principal == "serviceAccount:"+caller, "the emulator took the caller for %s", call.Principal)
	expect(strings.HasPrefix(call.ApiClient, "gl-go/"), "x-goog-api-client is %q", call.ApiClient)
	expect(strings.HasPrefix(call.RequestParams, "name=projects%2F-%2F"), "the routing header is %q", call.RequestParams)
}

func generatesIDToken(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	request := &credentialspb.GenerateIdTokenRequest{Name: nameOf(target), Audience: "https://run.example", IncludeEmail: true}
	response, err := client.GenerateIdToken(ctx, request)
	require(err)
	// Google's own check, with the keys that it fetches from Google's address.
	payload, err := idtoken.Validate(ctx, response.Token, "https://run.example")
	require(err)
	expect(payload.Issuer == "https://accounts.google.com", "the issuer is %s", payload.Issuer)
	expect(payload.Claims["email"] == target && payload.Claims["email_verified"] == true, "the claims are %v", payload.Claims)
	expect(payload.Expires-payload.IssuedAt == 3600, "it lives for %d seconds", payload.Expires-payload.IssuedAt)
}

func signsBlob(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	payload := []byte{0, 0xfb, 0xff, '\n'}
	response, err := client.SignBlob(ctx, &credentialspb.SignBlobRequest{Name: nameOf(target), Payload: payload})
	require(err)
	requireSignature(publishedKey(ctx, target, response.KeyId), payload, response.SignedBlob)
}

func signsJWT(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	expiry := time.Now().Add(time.Hour).Unix()
	claims := fmt.Sprintf(`{"iss":%q,"sub":%q,"aud":"https://firestore.googleapis.com/","exp":%d}`, target, target, expiry)
	response, err := client.SignJwt(ctx, &credentialspb.SignJwtRequest{Name: nameOf(target), Payload: claims})
	require(err)
	signed := verifiedClaims(ctx, target, response.SignedJwt)
	expect(signed["aud"] == "https://firestore.googleapis.com/" && signed["exp"] == float64(expiry), "the claims are %v", signed)
}

func actsThroughDelegates(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	request := &credentialspb.SignBlobRequest{
		Name:      nameOf(far),
		Delegates: []string{nameOf(first), nameOf(second)},
		Payload:   []byte("through two"),
	}
	response, err := client.SignBlob(ctx, request)
	require(err)
	requireSignature(publishedKey(ctx, far, response.KeyId), request.Payload, response.SignedBlob)
	delegates := lastCallOf(ctx, "SignBlob").Delegates
	expect(fmt.Sprint(delegates) == fmt.Sprint([]string{first, second}), "the log has the delegates %v", delegates)
}

func signsManyAtOnce(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	const many = 100
	problems := make([]string, many)
	var group sync.WaitGroup
	for index := 0; index < many; index++ {
		group.Add(1)
		go func(index int) {
			defer group.Done()
			problems[index] = runOne(func(context.Context) {
				payload := []byte(fmt.Sprintf("payload %d", index))
				response, err := client.SignBlob(ctx, &credentialspb.SignBlobRequest{Name: nameOf(target), Payload: payload})
				require(err)
				requireSignature(publishedKey(ctx, target, response.KeyId), payload, response.SignedBlob)
			})
		}(index)
	}
	group.Wait()
	for index, problem := range problems {
		expect(problem == "", "call %d: %s", index, problem)
	}
}

func methodChecks() []check {
	return []check{
		{"GenerateAccessToken gives a token that lives for as long as asked, to the account that the key file is of", generatesAccessToken},
		{"GenerateIdToken gives a token that Google's validator accepts", generatesIDToken},
		{"SignBlob gives a signature that crypto/rsa verifies with the published certificate", signsBlob},
		{"SignJwt gives a JWT that crypto/rsa verifies with the published certificate", signsJWT},
		{"a chain of two delegates is followed", actsThroughDelegates},
		{"a hundred calls at once each get the signature of their own payload", signsManyAtOnce},
	}
}
