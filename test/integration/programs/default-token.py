# SPDX-License-Identifier: Apache-2.0
# Prints a token of google-auth's application default credentials: what a program that `iamcreds exec` runs does first.

import google.auth
import google.auth.transport.requests

credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials.refresh(google.auth.transport.requests.Request())
print(credentials.token, end="")
