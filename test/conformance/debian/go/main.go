// SPDX-License-Identifier: Apache-2.0
// Google's Go client for this API, and what Go has for its tokens, against the emulator: which checks there are.

package main

import "os"

const (
	cloudPlatform = "https://www.googleapis.com/auth/cloud-platform"
	alice         = "user:alice@example.com"
)

var (
	caller = account("caller")
	target = account("target")
	first  = account("first")
	second = account("second")
	far    = account("far")
	locked = account("locked")
)

func account(id string) string {
	return id + "@demo-project.iam.gserviceaccount.com"
}

func nameOf(email string) string {
	return "projects/-/serviceAccounts/" + email
}

// The path of a credentials file that the secure emulator has written.
func credentialsFile(name string) string {
	return os.Getenv("STAGE") + "/" + name
}

func main() {
	// The client's default credentials: a service account's key, as an administrator would hand it out.
	os.Setenv("GOOGLE_APPLICATION_CREDENTIALS", credentialsFile("service-account.json"))
	checks := methodChecks()
	checks = append(checks, failureChecks()...)
	checks = append(checks, connectionChecks()...)
	checks = append(checks, serverChecks()...)
	checks = append(checks, adminChecks()...)
	checks = append(checks, tokenChecks()...)
	runAll(checks)
}
