// SPDX-License-Identifier: Apache-2.0
// Refusals and faults as Google's Go client sees them: codes, texts, details, deadlines, retries.

package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/golang/protobuf/ptypes"
	"golang.org/x/oauth2"
	"google.golang.org/api/option"
	credentialspb "google.golang.org/genproto/googleapis/iam/credentials/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func signBlobAs(ctx context.Context, name string, delegates []string, options ...option.ClientOption) *status.Status {
	client := openClient(ctx, options...)
	defer client.Close()
	request := &credentialspb.SignBlobRequest{Name: name, Delegates: delegates, Payload: []byte("x")}
	_, err := client.SignBlob(ctx, request)
	return status.Convert(err)
}

func requireStatus(got *status.Status, code codes.Code, text string) {
	expect(got.Code() == code && strings.HasPrefix(got.Message(), text), "%v %q", got.Code(), got.Message())
}

func errorInfo(got *status.Status) *errdetails.ErrorInfo {
	for _, detail := range got.Details() {
		if info, isInfo := detail.(*errdetails.ErrorInfo); isInfo {
			return info
		}
	}
	panic(failure("the details have no ErrorInfo"))
}

func tellsPermission(ctx context.Context) {
	got := signBlobAs(ctx, nameOf(locked), nil)
	requireStatus(got, codes.PermissionDenied, "Permission 'iam.serviceAccounts.signBlob' denied on resource (or it may not exist).")
	info := errorInfo(got)
	expect(info.Reason == "IAM_PERMISSION_DENIED" && info.Domain == "iam.googleapis.com", "the details are %v", info)
	expect(info.Metadata["permission"] == "iam.serviceAccounts.signBlob", "the details are %v", info)
}

func checksEachHop(ctx context.Context) {
	got := signBlobAs(ctx, nameOf(far), []string{nameOf(second), nameOf(first)})
	expect(got.Code() == codes.PermissionDenied, "the wrong order of delegates gives %v", got.Err())
	got = signBlobAs(ctx, nameOf(far), []string{nameOf(first)})
	expect(got.Code() == codes.PermissionDenied, "a missing delegate gives %v", got.Err())
}

func tellsMissing(ctx context.Context) {
	got := signBlobAs(ctx, nameOf(account("nobody")), nil)
	requireStatus(got, codes.NotFound, "Not found; Gaia id not found for email "+account("nobody"))
}

func tellsInvalid(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	request := &credentialspb.GenerateAccessTokenRequest{Name: nameOf(target), Scope: []string{cloudPlatform}}
	request.Lifetime = ptypes.DurationProto(3601 * time.Second)
	_, err := client.GenerateAccessToken(ctx, request)
	requireStatus(status.Convert(err), codes.InvalidArgument, "The access token lifetime cannot exceed 3600 seconds.")
	_, err = client.GenerateAccessToken(ctx, &credentialspb.GenerateAccessTokenRequest{Name: "nonsense", Scope: []string{cloudPlatform}})
	expect(status.Code(err) == codes.InvalidArgument, "a malformed name gives %v", err)
}

func tellsUnauthenticated(ctx context.Context) {
	nonsense := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: "nonsense"})
	got := signBlobAs(ctx, nameOf(target), nil, option.WithTokenSource(nonsense))
	requireStatus(got, codes.Unauthenticated, "Request had invalid authentication credentials.")
}

func keepsDeadline(ctx context.Context) {
	client := openClient(ctx)
	defer client.Close()
	// So that the two seconds are not spent on connecting.
	_, err := client.SignBlob(ctx, &credentialspb.SignBlobRequest{Name: nameOf(target), Payload: []byte("x")})
	require(err)
	defer addFault(ctx, map[string]interface{}{"method": "SignBlob", "delayMs": 20_000})()
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	startedAt := time.Now()
	_, err = client.SignBlob(short, &credentialspb.SignBlobRequest{Name: nameOf(target), Payload: []byte("x")})
	isDeadline := status.Code(err) == codes.DeadlineExceeded || errors.Is(err, context.DeadlineExceeded)
	expect(isDeadline && time.Since(startedAt) < 15*time.Second, "after %v: %v", time.Since(startedAt), err)
	// The emulator has it in its log once it knows that the caller has gone.
	for attempt := 0; attempt < 100; attempt++ {
		if call := lastCallOf(ctx, "SignBlob"); call.Status != "OK" && call.TimeoutMs > 0 && call.TimeoutMs <= 2000 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	panic(failure("the emulator has seen no call with a deadline of two seconds"))
}

func retries(ctx context.Context) {
	defer addFault(ctx, map[string]interface{}{
		"method": "SignJwt",
		"times":  2,
		"status": map[string]interface{}{"code": "UNAVAILABLE", "message": "Busy."},
	})()
	client := openClient(ctx)
	defer client.Close()
	_, err := client.SignJwt(ctx, &credentialspb.SignJwtRequest{Name: nameOf(target), Payload: `{"sub":"retried"}`})
	require(err)
	calls := callsOf(ctx, "SignJwt")
	expect(len(calls) >= 3, "the log has %d attempts", len(calls))
	for index, call := range calls[len(calls)-3:] {
		wanted := []string{"UNAVAILABLE", "UNAVAILABLE", "OK"}[index]
		expect(call.Status == wanted && call.Attempt == index+1, "attempt %d ended with %s", call.Attempt, call.Status)
	}
}

func carriesDetails(ctx context.Context) {
	defer addFault(ctx, map[string]interface{}{
		"method": "SignJwt",
		"times":  1,
		"status": map[string]interface{}{
			"code": "RESOURCE_EXHAUSTED",
			"details": []interface{}{
				map[string]interface{}{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "1.500s"},
				map[string]interface{}{
					"@type":      "type.googleapis.com/google.rpc.QuotaFailure",
					"violations": []interface{}{map[string]interface{}{"subject": "project:1", "description": "too many"}},
				},
			},
		},
	})()
	client := openClient(ctx)
	defer client.Close()
	_, err := client.SignJwt(ctx, &credentialspb.SignJwtRequest{Name: nameOf(target), Payload: "{}"})
	got := status.Convert(err)
	expect(got.Code() == codes.ResourceExhausted && len(got.Details()) == 2, "%v %v", got.Code(), got.Details())
	info, isInfo := got.Details()[0].(*errdetails.RetryInfo)
	expect(isInfo && info.RetryDelay.Seconds == 1 && info.RetryDelay.Nanos == 500_000_000, "the first detail is %v", got.Details()[0])
	quota, isQuota := got.Details()[1].(*errdetails.QuotaFailure)
	expect(isQuota && quota.Violations[0].Subject == "project:1", "the second detail is %v", got.Details()[1])
}

func survivesBroken(fault string) func(ctx context.Context) {
	return func(ctx context.Context) {
		client := openClient(ctx)
		defer client.Close()
		request := &credentialspb.SignBlobRequest{Name: nameOf(target), Payload: []byte(fault)}
		_, err := client.SignBlob(ctx, request) // so that there is a connection to break
		require(err)
		defer addFault(ctx, map[string]interface{}{"method": "SignBlob", "times": 1, "connection": fault})()
		_, err = client.SignBlob(ctx, request)
		require(err)
	}
}

func refusesContentType(ctx context.Context) {
	defer addFault(ctx, map[string]interface{}{"method": "SignBlob", "times": 1, "contentType": "text/html"})()
	got := signBlobAs(ctx, nameOf(target), nil)
	expect(got.Code() != codes.OK && strings.Contains(got.Message(), "content-type"), "%v", got.Err())
	got = signBlobAs(ctx, nameOf(target), nil)
	expect(got.Code() == codes.OK, "the next call: %v", got.Err())
}

func failureChecks() []check {
	return []check{
		{"a refusal is PERMISSION_DENIED with an ErrorInfo that names the permission", tellsPermission},
		{"a chain of delegates is refused in the wrong order and with a hop missing", checksEachHop},
		{"an account that does not exist is NOT_FOUND", tellsMissing},
		{"a lifetime over an hour and a malformed name are INVALID_ARGUMENT", tellsInvalid},
		{"an unknown token is UNAUTHENTICATED", tellsUnauthenticated},
		{"a deadline ends the call on both sides", keepsDeadline},
		{"the client's own retries get through two UNAVAILABLE", retries},
		{"details of google.rpc arrive as the types that they are", carriesDetails},
		{"an answer of another content type is an error", refusesContentType},
		{"a connection that is reset in the middle of a call is opened anew", survivesBroken("reset")},
		{"a connection that is half closed in the middle of a call is opened anew", survivesBroken("half-close")},
		{"a connection that answers in garbage is opened anew", survivesBroken("garbage")},
	}
}
