// SPDX-License-Identifier: Apache-2.0
// Prints a token of Go's application default credentials: what a program that `iamcreds exec` runs does first.

package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/oauth2/google"
)

func main() {
	source, err := google.DefaultTokenSource(context.Background(), "https://www.googleapis.com/auth/cloud-platform")
	if err == nil {
		token, failure := source.Token()
		if err = failure; err == nil {
			fmt.Print(token.AccessToken)
			return
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
