// SPDX-License-Identifier: Apache-2.0
// The ways of Go's libraries to a token: credentials files as the emulator writes them, impersonation as Google's guide has it,
// the metadata server. Each token is judged by whom the emulator takes its bearer for.

package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/idtoken"
	"google.golang.org/api/impersonate"
	"google.golang.org/api/option"
)

// Whom an emulator takes the bearer of a token for.
func principalOf(ctx context.Context, token string) string {
	signBlobAs(ctx, nameOf(target), nil, option.WithTokenSource(oauth2.StaticTokenSource(&oauth2.Token{AccessToken: token})))
	return lastCallOf(ctx, "SignBlob").Principal
}

func requirePrincipal(ctx context.Context, source oauth2.TokenSource, wanted string) {
	token, err := source.Token()
	require(err)
	expect(token.Expiry.After(time.Now()), "the token has expired at %v", token.Expiry)
	got := principalOf(ctx, token.AccessToken)
	expect(got == wanted, "the token is of %s", got)
}

func readsFile(name, wanted string) func(ctx context.Context) {
	return func(ctx context.Context) {
		text, err := os.ReadFile(credentialsFile(name))
		require(err)
		found, err := google.CredentialsFromJSON(ctx, text, cloudPlatform)
		require(err)
		requirePrincipal(ctx, found.TokenSource, wanted)
	}
}

// This version of the library takes Google's own addresses only for what a workload exchanges its token at.
func readsExternalFile(name, wanted string) func(ctx context.Context) {
	return func(ctx context.Context) {
		text, err := os.ReadFile(credentialsFile(name))
		require(err)
		_, err = google.CredentialsFromJSON(ctx, text, cloudPlatform)
		expect(err != nil && strings.Contains(err.Error(), "invalid TokenURL"), "the file as it is gives %v", err)
		emulator := "https://" + os.Getenv("SECURE")
		googles := strings.NewReplacer(
			emulator+"/v1/token", "https://sts.googleapis.com/v1/token",
			emulator+"/v1/projects", "https://iamcredentials.googleapis.com/v1/projects",
		).Replace(string(text))
		found, err := google.CredentialsFromJSON(ctx, []byte(googles), cloudPlatform)
		require(err)
		requirePrincipal(ctx, found.TokenSource, wanted)
	}
}

func impersonates(ctx context.Context) {
	found, err := google.FindDefaultCredentials(ctx, cloudPlatform)
	require(err)
	config := impersonate.CredentialsConfig{TargetPrincipal: target, Scopes: []string{cloudPlatform}, Lifetime: 300 * time.Second}
	source, err := impersonate.CredentialsTokenSource(ctx, config, option.WithCredentials(found))
	require(err)
	requirePrincipal(ctx, source, "serviceAccount:"+target)
	config = impersonate.CredentialsConfig{TargetPrincipal: far, Scopes: []string{cloudPlatform}, Delegates: []string{first, second}}
	source, err = impersonate.CredentialsTokenSource(ctx, config)
	require(err)
	requirePrincipal(ctx, source, "serviceAccount:"+far)
}

func impersonatesWithoutRight(ctx context.Context) {
	config := impersonate.CredentialsConfig{TargetPrincipal: locked, Scopes: []string{cloudPlatform}}
	source, err := impersonate.CredentialsTokenSource(ctx, config)
	require(err)
	_, err = source.Token()
	expect(err != nil && strings.Contains(err.Error(), "status code 403"), "the error is %v", err)
	expect(strings.Contains(err.Error(), "iam.serviceAccounts.getAccessToken"), "the error is %v", err)
}

func impersonatesUser(ctx context.Context) {
	config := impersonate.CredentialsConfig{
		TargetPrincipal: caller,
		Scopes:          []string{"https://www.googleapis.com/auth/drive"},
		Subject:         "dana@example.com",
	}
	source, err := impersonate.CredentialsTokenSource(ctx, config)
	require(err)
	token, err := source.Token()
	require(err)
	var info struct{ Scope string }
	fetchJSON(ctx, "GET", "https://oauth2.googleapis.com/tokeninfo?access_token="+token.AccessToken, nil, &info)
	expect(info.Scope == "https://www.googleapis.com/auth/drive", "the token's scope is %q", info.Scope)
}

func impersonatesForIDToken(ctx context.Context) {
	config := impersonate.IDTokenConfig{TargetPrincipal: target, Audience: "https://run.example", IncludeEmail: true}
	source, err := impersonate.IDTokenSource(ctx, config)
	require(err)
	token, err := source.Token()
	require(err)
	payload, err := idtoken.Validate(ctx, token.AccessToken, "https://run.example")
	require(err)
	expect(payload.Claims["email"] == target, "the claims are %v", payload.Claims)
}

func getsIDTokenByKey(ctx context.Context) {
	source, err := idtoken.NewTokenSource(ctx, "https://run.example", idtoken.WithCredentialsFile(credentialsFile("service-account.json")))
	require(err)
	token, err := source.Token()
	require(err)
	payload, err := idtoken.Validate(ctx, token.AccessToken, "https://run.example")
	require(err)
	expect(payload.Claims["email"] == caller, "the claims are %v", payload.Claims)
	_, err = idtoken.Validate(ctx, token.AccessToken, "https://other.example")
	expect(err != nil, "the validator takes another audience")
}

func signsItsOwnBearer(ctx context.Context) {
	text, err := os.ReadFile(credentialsFile("service-account.json"))
	require(err)
	byAudience, err := google.JWTAccessTokenSourceFromJSON(text, "https://iamcredentials.googleapis.com/")
	require(err)
	byScope, err := google.JWTAccessTokenSourceWithScope(text, cloudPlatform)
	require(err)
	for _, source := range []oauth2.TokenSource{byAudience, byScope} {
		requirePrincipal(ctx, source, "serviceAccount:"+caller)
	}
}

// The last check: from here on this program is on a machine of Google's.
func isOnMachine(ctx context.Context) {
	os.Setenv("GCE_METADATA_HOST", os.Getenv("METADATA"))
	os.Unsetenv("GOOGLE_APPLICATION_CREDENTIALS")
	expect(metadata.OnGCE(), "OnGCE says no")
	client := metadata.NewClient(&http.Client{Timeout: 10 * time.Second})
	email, err := client.Email("default")
	require(err)
	expect(email == caller, "the account is %s", email)
	project, err := client.ProjectID()
	require(err)
	zone, err := client.Zone()
	require(err)
	expect(project == "demo-project" && zone == "us-central1-a", "project %s, zone %s", project, zone)
	_, err = client.InstanceAttributeValue("none")
	_, isMissing := err.(metadata.NotDefinedError)
	expect(isMissing, "a missing attribute gives %v", err)
	found, err := google.FindDefaultCredentials(ctx, cloudPlatform)
	require(err)
	expect(found.ProjectID == "demo-project", "the project is %s", found.ProjectID)
	requirePrincipal(ctx, found.TokenSource, "serviceAccount:"+caller)
	source, err := idtoken.NewTokenSource(ctx, "https://run.example")
	require(err)
	identity, err := source.Token()
	require(err)
	payload, err := idtoken.Validate(ctx, identity.AccessToken, "https://run.example")
	require(err)
	expect(payload.Claims["email"] == caller, "the claims are %v", payload.Claims)
}

func tokenChecks() []check {
	workload := "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/emulator-pool/subject/builder"
	return []check{
		{"a service_account file of the emulator's gets a token", readsFile("service-account.json", "serviceAccount:"+caller)},
		{"an authorized_user file of the emulator's gets a token by Google's token endpoint", readsFile("user.json", alice)},
		{"an impersonated_service_account file of the emulator's gets a token through its delegates", readsFile("impersonated.json", "serviceAccount:"+far)},
		{"an external_account file gets a token of the workload once it has Google's addresses", readsExternalFile("external.json", workload)},
		{"an external_account file gets a token of a service account once it has Google's addresses", readsExternalFile("external-as-target.json", "serviceAccount:"+target)},
		{"impersonate.CredentialsTokenSource, as in Google's guide, gets tokens, directly and through delegates", impersonates},
		{"impersonate.CredentialsTokenSource tells which permission is missing", impersonatesWithoutRight},
		{"impersonate.CredentialsTokenSource gets a user's token where domain-wide delegation allows it", impersonatesUser},
		{"impersonate.IDTokenSource gets an ID token that Google's validator accepts", impersonatesForIDToken},
		{"idtoken.NewTokenSource gets an ID token by a key file, for one audience", getsIDTokenByKey},
		{"a JWT that the key's owner signs is taken as a bearer, by audience and by scope", signsItsOwnBearer},
		{"on a machine with GCE_METADATA_HOST there are account, project, tokens and ID tokens", isOnMachine},
	}
}
