// SPDX-License-Identifier: Apache-2.0
// Google's Go client for the admin API: accounts, policies, keys, roles, and the old way to sign.

package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	admin "cloud.google.com/go/iam/admin/apiv1"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	adminpb "google.golang.org/genproto/googleapis/iam/admin/v1"
	iampb "google.golang.org/genproto/googleapis/iam/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const project = "projects/demo-project"

// Alice's client of the admin API, on Google's endpoint.
func openAdmin(ctx context.Context, options ...option.ClientOption) *admin.IamClient {
	client, err := admin.NewIamClient(ctx, append([]option.ClientOption{tokenOf("SECURE_TOKEN")}, options...)...)
	require(err)
	return client
}

func createsAndDeletesAccount(ctx context.Context) {
	client := openAdmin(ctx)
	defer client.Close()
	request := &adminpb.CreateServiceAccountRequest{
		Name:           project,
		AccountId:      "worker-1",
		ServiceAccount: &adminpb.ServiceAccount{DisplayName: "Worker"},
	}
	created, err := client.CreateServiceAccount(ctx, request)
	require(err)
	expect(created.Email == account("worker-1") && len(created.UniqueId) == 21, "the account is %v", created)
	_, err = client.CreateServiceAccount(ctx, request)
	expect(status.Code(err) == codes.AlreadyExists, "creating it again gives %v", err)
	found := false
	accounts := client.ListServiceAccounts(ctx, &adminpb.ListServiceAccountsRequest{Name: project, PageSize: 2})
	for each, err := accounts.Next(); err != iterator.Done; each, err = accounts.Next() {
		require(err)
		found = found || each.Email == created.Email
	}
	expect(found, "the account is not listed")
	require(client.DeleteServiceAccount(ctx, &adminpb.DeleteServiceAccountRequest{Name: created.Name}))
	_, err = client.GetServiceAccount(ctx, &adminpb.GetServiceAccountRequest{Name: created.Name})
	expect(status.Code(err) == codes.NotFound, "getting it then gives %v", err)
}

func changesPolicy(ctx context.Context) {
	client := openAdmin(ctx)
	defer client.Close()
	request := &iampb.GetIamPolicyRequest{Resource: nameOf(locked)}
	policy, err := client.GetIamPolicy(ctx, request)
	require(err)
	stale, err := client.GetIamPolicy(ctx, request)
	require(err)
	policy.Add("user:bob@example.com", "roles/iam.serviceAccountTokenCreator")
	written, err := client.SetIamPolicy(ctx, &admin.SetIamPolicyRequest{Resource: nameOf(locked), Policy: policy})
	require(err)
	expect(written.HasRole("user:bob@example.com", "roles/iam.serviceAccountTokenCreator"), "the policy is %v", written.InternalProto)
	stale.Add("user:eve@example.com", "roles/iam.serviceAccountUser")
	_, err = client.SetIamPolicy(ctx, &admin.SetIamPolicyRequest{Resource: nameOf(locked), Policy: stale})
	expect(status.Code(err) == codes.Aborted, "a stale etag gives %v", err)
	permissions := []string{"iam.serviceAccounts.setIamPolicy", "iam.serviceAccounts.signBlob"}
	held, err := client.TestIamPermissions(ctx, &iampb.TestIamPermissionsRequest{Resource: nameOf(locked), Permissions: permissions})
	require(err)
	expect(fmt.Sprint(held.Permissions) == "[iam.serviceAccounts.setIamPolicy]", "the permissions are %v", held.Permissions)
}

func createsKey(ctx context.Context) {
	client := openAdmin(ctx)
	defer client.Close()
	key, err := client.CreateServiceAccountKey(ctx, &adminpb.CreateServiceAccountKeyRequest{Name: nameOf(target)})
	require(err)
	config, err := google.JWTConfigFromJSON(key.PrivateKeyData, cloudPlatform)
	require(err)
	token, err := config.TokenSource(ctx).Token()
	require(err)
	expect(token.Valid() && principalOf(ctx, token.AccessToken) == "serviceAccount:"+target, "the token is another's")
	require(client.DeleteServiceAccountKey(ctx, &adminpb.DeleteServiceAccountKeyRequest{Name: key.Name}))
	_, err = config.TokenSource(ctx).Token()
	expect(err != nil && strings.Contains(err.Error(), "invalid_grant"), "a deleted key gives %v", err)
}

func createsRole(ctx context.Context) {
	client := openAdmin(ctx)
	defer client.Close()
	role := &adminpb.Role{Title: "Signer", IncludedPermissions: []string{"iam.serviceAccounts.signBlob"}}
	created, err := client.CreateRole(ctx, &adminpb.CreateRoleRequest{Parent: project, RoleId: "signer", Role: role})
	require(err)
	expect(created.Name == project+"/roles/signer" && len(created.Etag) > 0, "the role is %v", created)
	deleted, err := client.DeleteRole(ctx, &adminpb.DeleteRoleRequest{Name: created.Name})
	require(err)
	expect(deleted.Deleted, "the role is %v", deleted)
	restored, err := client.UndeleteRole(ctx, &adminpb.UndeleteRoleRequest{Name: created.Name})
	require(err)
	expect(!restored.Deleted && restored.Title == "Signer", "the role is %v", restored)
}

func signsTheOldWay(ctx context.Context) {
	// The old methods are for the account's own caller: the admin client with default credentials.
	client, err := admin.NewIamClient(ctx, option.WithCredentialsFile(os.Getenv("GOOGLE_APPLICATION_CREDENTIALS")))
	require(err)
	defer client.Close()
	blob, err := client.SignBlob(ctx, &adminpb.SignBlobRequest{Name: nameOf(target), BytesToSign: []byte("old")})
	require(err)
	requireSignature(publishedKey(ctx, target, blob.KeyId), []byte("old"), blob.Signature)
	jwt, err := client.SignJwt(ctx, &adminpb.SignJwtRequest{Name: nameOf(target), Payload: `{"sub":"old"}`})
	require(err)
	expect(verifiedClaims(ctx, target, jwt.SignedJwt)["sub"] == "old", "the claims are others")
}

func adminChecks() []check {
	return []check{
		{"the admin client creates, lists by pages and deletes an account", createsAndDeletesAccount},
		{"the admin client changes a policy, and a stale etag is ABORTED", changesPolicy},
		{"the admin client creates a key that gets tokens until it is deleted", createsKey},
		{"the admin client creates, deletes and restores a role", createsRole},
		{"the admin client's signBlob and signJwt give signatures that verify", signsTheOldWay},
	}
}
