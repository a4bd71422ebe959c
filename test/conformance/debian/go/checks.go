// SPDX-License-Identifier: Apache-2.0
// Runs checks one after the other and reports them in the Test Anything Protocol. Knows no client.

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// What a check throws when something is not as it should be.
type failure string

type check struct {
	title string
	body  func(ctx context.Context)
}

// Fails the check unless something holds.
func expect(holds bool, format string, values ...interface{}) {
	if !holds {
		panic(failure(fmt.Sprintf(format, values...)))
	}
}

// Fails the check when there is an error.
func require(err error) {
	expect(err == nil, "unexpected error: %v", err)
}

func runOne(body func(ctx context.Context)) (problem string) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	defer func() {
		if thrown := recover(); thrown != nil {
			problem = fmt.Sprint(thrown)
		}
	}()
	body(ctx)
	return ""
}

// Runs all checks, prints what became of them, and ends the program.
func runAll(checks []check) {
	failed := 0
	for index, each := range checks {
		problem := runOne(each.body)
		if problem == "" {
			fmt.Printf("ok %d - %s\n", index+1, each.title)
			continue
		}
		failed++
		fmt.Printf("not ok %d - %s\n# %s\n", index+1, each.title, strings.ReplaceAll(problem, "\n", "\n# "))
	}
	fmt.Printf("1..%d\n", len(checks))
	if failed > 0 {
		os.Exit(1)
	}
}
