#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The requests of Google's guides with curl, word for word on Google's addresses, judged by jq and OpenSSL. Reports its checks in
# the Test Anything Protocol. Knows neither Node nor a library of Google's.
set -uo pipefail
cd "$(mktemp -d -p "$STAGE")" || exit 1
readonly CALLER_SA=caller@demo-project.iam.gserviceaccount.com PRIV_SA=target@demo-project.iam.gserviceaccount.com
readonly LOCKED_SA=locked@demo-project.iam.gserviceaccount.com FAR_SA=far@demo-project.iam.gserviceaccount.com
readonly CREDENTIALS=https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts
readonly IAM=https://iam.googleapis.com/v1/projects/demo-project/serviceAccounts
readonly TOKEN_ENDPOINT=https://oauth2.googleapis.com/token
count=0
failed=0

# Runs a function as a check: it fails at its first command that does.
check() {
  local output status
  count=$((count + 1))
  output=$(set -e && "$2" 2>&1)
  status=$?
  if [ "$status" -eq 0 ]; then
    printf 'ok %s - %s\n' "$count" "$1"
  else
    failed=$((failed + 1))
    printf 'not ok %s - %s\n' "$count" "$1"
    printf '%s\n' "$output" "status $status" | sed 's/^/# /'
  fi
}

# The way of the guides to send a request: the body from standard input, the answer in answer.json, its code on standard output.
post() {
  curl -sS --max-time 30 -o answer.json -w '%{http_code}' -X POST -H "Authorization: Bearer ${2-$SECURE_TOKEN}" \
    -H "Content-Type: application/json; charset=utf-8" -d @- "$1"
}

# The same, for a code that is expected. Usage: request CODE URL [TOKEN] <BODY
request() {
  local code
  code=$(post "${@:2}")
  [ "$code" = "$1" ] || { printf 'HTTP %s in place of %s: ' "$code" "$1" && cat answer.json && return 1; }
}

# What jq says of the last answer must be true.
holds() {
  jq -e "$@" answer.json >holds.log || { printf 'not so: %s\n' "$*" && cat answer.json && return 1; }
}

same() {
  [ "$1" = "$2" ] || { printf '%s in place of %s\n' "$1" "$2" && return 1; }
}

# A command must fail; `!` alone would not end a check.
fails() {
  if "$@" >fails.log 2>&1; then
    printf 'this did not fail: %s\n' "$*"
    return 1
  fi
}

# base64url without padding, to and from bytes.
decode_part() {
  local text
  text=$(printf %s "$1" | tr '_-' '/+')
  while [ $((${#text} % 4)) -gt 0 ]; do text="$text="; done
  printf %s "$text" | base64 -d
}
encode_part() {
  base64 -w 0 | tr '/+' '_-' | tr -d =
}

# The public key of a key id, from the certificates at an address, in public.pem.
fetch_key() {
  curl -sS --fail --max-time 30 "$1" | jq -er --arg id "$2" '.[$id]' >certificate.pem
  openssl x509 -in certificate.pem -noout -pubkey >public.pem
}

# Verifies a JWT by the certificates at an address; its claims are in claims.json.
verify_jwt() {
  local header claims signature
  IFS=. read -r header claims signature <<<"$2"
  same "$(decode_part "$header" | jq -r .alg)" RS256
  fetch_key "$1" "$(decode_part "$header" | jq -r .kid)"
  decode_part "$signature" >signature
  printf %s.%s "$header" "$claims" | openssl dgst -sha256 -verify public.pem -signature signature
  decode_part "$claims" >claims.json
}

# Who made the last call of a method, as the emulator's log has it.
principal_of() {
  curl -sS --fail --max-time 30 "https://$SECURE/emulator/v1/calls" |
    jq -r --arg method "$1" '[.calls[] | select(.method == $method)] | last | .principal'
}

access_token() {
  request 200 "$CREDENTIALS/$PRIV_SA:generateAccessToken" <<-'END'
	{
	  "scope": [
	    "https://www.googleapis.com/auth/cloud-platform"
	  ],
	  "lifetime": "300s"
	}
	END
  holds '(keys == ["accessToken", "expireTime"]) and (.accessToken | startswith("ya29.c."))'
  holds '.expireTime | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}([.][0-9]{3,9})?Z$")'
  left=$(($(date -d "$(jq -r .expireTime answer.json)" +%s) - $(date +%s)))
  [ "$left" -gt 200 ]
  [ "$left" -le 301 ]
  token=$(jq -r .accessToken answer.json)
  request 403 "$CREDENTIALS/$LOCKED_SA:signBlob" "$token" <<<'{"payload": "eA=="}'
  same "$(principal_of SignBlob)" "serviceAccount:$PRIV_SA"
}

through_delegates() {
  request 200 "$CREDENTIALS/$FAR_SA:generateAccessToken" <<-'END'
	{
	  "delegates": [
	    "projects/-/serviceAccounts/first@demo-project.iam.gserviceaccount.com",
	    "projects/-/serviceAccounts/second@demo-project.iam.gserviceaccount.com"
	  ],
	  "scope": [
	    "https://www.googleapis.com/auth/cloud-platform"
	  ],
	  "lifetime": "300s"
	}
	END
  holds '.accessToken | length > 20'
}

id_token() {
  request 200 "$CREDENTIALS/$PRIV_SA:generateIdToken" <<-'END'
	{
	  "audience": "https://run.example",
	  "includeEmail": "true"
	}
	END
  holds 'keys == ["token"]'
  verify_jwt https://www.googleapis.com/oauth2/v1/certs "$(jq -r .token answer.json)"
  cp claims.json answer.json
  holds --arg email "$PRIV_SA" '.email == $email and .email_verified == true and .exp - .iat == 3600'
  holds '.aud == "https://run.example" and .iss == "https://accounts.google.com" and (.sub | test("^[0-9]{21}$"))'
}

sign_jwt() {
  local expiry=$(($(date +%s) + 3600)) key_id
  request 200 "$CREDENTIALS/$PRIV_SA:signJwt" <<-END
	{
	  "payload": "{ \"iss\": \"$PRIV_SA\", \"sub\": \"$PRIV_SA\", \"aud\": \"https://firestore.googleapis.com/\", \"iat\": 1529350000, \"exp\": $expiry }"
	}
	END
  holds 'keys == ["keyId", "signedJwt"]'
  key_id=$(jq -r .keyId answer.json)
  verify_jwt "https://www.googleapis.com/service_accounts/v1/metadata/x509/$PRIV_SA" "$(jq -r .signedJwt answer.json)"
  same "$(jq -r .keyId answer.json)" "$key_id"
  same "$(jq -c . claims.json)" \
    "{\"iss\":\"$PRIV_SA\",\"sub\":\"$PRIV_SA\",\"aud\":\"https://firestore.googleapis.com/\",\"iat\":1529350000,\"exp\":$expiry}"
}

sign_blob() {
  request 200 "$CREDENTIALS/$PRIV_SA:signBlob" <<-'END'
	{
	  "payload": "VGhlIHF1aWNrIGJyb3duIGZveCBqdW1wZWQgb3ZlciB0aGUgbGF6eSBkb2cu"
	}
	END
  holds 'keys == ["keyId", "signedBlob"]'
  fetch_key "https://www.googleapis.com/service_accounts/v1/metadata/x509/$PRIV_SA" "$(jq -r .keyId answer.json)"
  jq -r .signedBlob answer.json | base64 -d >signature
  printf 'The quick brown fox jumped over the lazy dog.' | openssl dgst -sha256 -verify public.pem -signature signature
  printf 'The quick brown fox jumped over the lazy cat.' >other
  fails openssl dgst -sha256 -verify public.pem -signature signature other
}

certificates() {
  local url name count=0
  for url in https://www.googleapis.com/oauth2/v1/certs \
    "https://www.googleapis.com/service_accounts/v1/metadata/x509/$PRIV_SA" \
    "https://www.googleapis.com/robot/v1/metadata/x509/$PRIV_SA"; do
    curl -sS --fail --max-time 30 "$url" >certificates.json
    for name in $(jq -r 'keys[]' certificates.json); do
      jq -r --arg name "$name" '.[$name]' certificates.json >certificate.pem
      openssl x509 -in certificate.pem -noout -checkend 0
      openssl verify -check_ss_sig -CAfile certificate.pem certificate.pem
      openssl x509 -in certificate.pem -noout -text | grep -q 'Public-Key: (2048 bit)'
      count=$((count + 1))
    done
  done
  [ "$count" -ge 3 ]
}

change_policy() {
  local role=roles/iam.serviceAccountTokenCreator
  request 403 "$CREDENTIALS/$LOCKED_SA:signBlob" <<<'{"payload": "eA=="}'
  request 200 "$IAM/$LOCKED_SA:getIamPolicy" <<<'{"options": {"requestedPolicyVersion": 3}}'
  holds '(.bindings | not) and (.etag | length > 0)'
  jq --arg role "$role" \
    '{policy: (. + {version: 3, bindings: [{role: $role, members: ["user:alice@example.com"]}]})}' answer.json >policy.json
  request 200 "$IAM/$LOCKED_SA:setIamPolicy" <policy.json
  holds --arg role "$role" '.bindings == [{role: $role, members: ["user:alice@example.com"]}]'
  request 200 "$CREDENTIALS/$LOCKED_SA:signBlob" <<<'{"payload": "eA=="}'
  request 409 "$IAM/$LOCKED_SA:setIamPolicy" <policy.json
  holds '.error.status == "ABORTED"'
}

refusals() {
  request 403 "$CREDENTIALS/$LOCKED_SA:generateAccessToken" <<<'{"scope": ["https://www.googleapis.com/auth/cloud-platform"]}'
  holds '.error | .code == 403 and .status == "PERMISSION_DENIED"'
  holds '.error.details[0] | .reason == "IAM_PERMISSION_DENIED" and .metadata.permission == "iam.serviceAccounts.getAccessToken"'
  request 401 "$CREDENTIALS/$PRIV_SA:signBlob" nonsense <<<'{"payload": "eA=="}'
  holds '.error.status == "UNAUTHENTICATED"'
  request 400 "$CREDENTIALS/$PRIV_SA:signBlob" <<<'{"payload": "eA==", "paylod": 1}'
  holds '.error.status == "INVALID_ARGUMENT" and (.error.message | contains("Unknown name \"paylod\""))'
  request 404 "$CREDENTIALS/$PRIV_SA:signBlobs" <<<'{}'
  grep -qi '<!DOCTYPE html>' answer.json
}

in_every_http() {
  local version
  for version in --http1.0 --http1.1 --http2; do
    curl -sS --fail --max-time 30 "$version" -H "Authorization: Bearer $SECURE_TOKEN" -H "Content-Type: application/json" \
      --compressed -d '{"payload": "eA=="}' -o answer.json "$CREDENTIALS/$PRIV_SA:signBlob?fields=keyId&alt=json"
    holds 'keys == ["keyId"]'
  done
}

mutual_tls() {
  local url="https://$MUTUAL/v1/projects/-/serviceAccounts/$PRIV_SA:signBlob"
  local -a call=(curl -sS --max-time 30 -H "Authorization: Bearer $MUTUAL_TOKEN" -H "Content-Type: application/json" -d '{"payload": "eA=="}')
  "${call[@]}" --fail --cert "$STAGE/client.pem" --key "$STAGE/client.key" "$url" >answer.json
  holds '.keyId | length > 0'
  fails "${call[@]}" "$url"
}

tls() {
  local -a client=(openssl s_client -connect "$SECURE" -servername localhost -CAfile "$STAGE/ca.pem" -verify_return_error)
  "${client[@]}" -alpn h2 -tls1_3 </dev/null >tls.log 2>&1
  grep -q 'ALPN protocol: h2' tls.log
  # Security level 0 lets OpenSSL itself speak what is that old.
  fails "${client[@]}" -tls1_1 -cipher ALL:@SECLEVEL=0 </dev/null
  grep -q 'alert protocol version' fails.log
}

own_certificates() {
  local port=${OWN#*:} name
  for name in "-verify_ip 127.0.0.1" "-verify_hostname localhost"; do
    # shellcheck disable=SC2086 # an option and its value
    openssl s_client -connect "$OWN" -CAfile "$STAGE/own-ca.pem" -verify_return_error $name -x509_strict </dev/null >tls.log 2>&1
  done
  fails openssl s_client -connect "$OWN" -CAfile "$STAGE/own-ca.pem" -verify_return_error -verify_hostname google.com </dev/null
  openssl verify -x509_strict -check_ss_sig -CAfile "$STAGE/own-ca.pem" "$STAGE/own-ca.pem"
  curl -sS --fail --max-time 30 --cacert "$STAGE/own-ca.pem" "https://localhost:$port/oauth2/v3/certs" >answer.json
  holds '.keys | length > 0'
  fails curl -sS --max-time 30 "https://localhost:$port/oauth2/v3/certs"
}

own_metadata_certificates() {
  local url=https://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/email
  local -a call=(curl -sS --fail --max-time 30 --noproxy '*' --connect-to "metadata.google.internal:443:$OWN_METADATA")
  call+=(-H "Metadata-Flavor: Google" --cacert "$STAGE/agent/root.crt")
  same "$("${call[@]}" --cert "$STAGE/agent/client.key" "$url")" "$CALLER_SA"
  fails "${call[@]}" "$url"
}

# Google's guide "Using OAuth 2.0 for Server to Server Applications", HTTP/REST, with OpenSSL in the place of a library.
server_to_server() {
  local now header claims assertion
  now=$(date +%s)
  request 200 "$IAM/$PRIV_SA/keys" <<<'{"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE", "keyAlgorithm": "KEY_ALG_RSA_2048"}'
  jq -r .privateKeyData answer.json | base64 -d >key.json
  jq -r .private_key key.json >private.pem
  openssl pkey -in private.pem -check -noout
  header=$(jq -cn --slurpfile key key.json '{alg: "RS256", typ: "JWT", kid: $key[0].private_key_id}' | encode_part)
  claims=$(jq -cn --argjson now "$now" --arg iss "$PRIV_SA" --arg aud "$TOKEN_ENDPOINT" \
    '{$iss, scope: "https://www.googleapis.com/auth/cloud-platform", $aud, exp: ($now + 3600), iat: $now}' | encode_part)
  assertion=$header.$claims.$(printf %s.%s "$header" "$claims" | openssl dgst -sha256 -sign private.pem | encode_part)
  curl -sS --fail --max-time 30 -d "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=$assertion" \
    "$TOKEN_ENDPOINT" >answer.json
  holds '.token_type == "Bearer" and .expires_in > 3500 and (.accessToken | not)'
  token=$(jq -r .access_token answer.json)
  request 403 "$CREDENTIALS/$FAR_SA:signBlob" "$token" <<<'{"payload": "eA=="}'
  same "$(principal_of SignBlob)" "serviceAccount:$PRIV_SA"
}

# Google's guide to workload identity federation with its REST requests: a subject's token for a federated one.
federation() {
  local audience subject_token
  audience=$(jq -r .audience "$STAGE/external.json")
  curl -sS --fail --max-time 30 "$(jq -r .credential_source.url "$STAGE/external.json")" >answer.json
  subject_token=$(jq -r .token answer.json)
  request 200 https://sts.googleapis.com/v1/token < <(jq -n --arg audience "$audience" --arg subjectToken "$subject_token" '{
    $audience,
    grantType: "urn:ietf:params:oauth:grant-type:token-exchange",
    requestedTokenType: "urn:ietf:params:oauth:token-type:access_token",
    scope: "https://www.googleapis.com/auth/cloud-platform",
    subjectTokenType: "urn:ietf:params:oauth:token-type:jwt",
    $subjectToken
  }')
  holds '.issued_token_type == "urn:ietf:params:oauth:token-type:access_token" and .token_type == "Bearer"'
  request 200 "$CREDENTIALS/$PRIV_SA:generateAccessToken" "$(jq -r .access_token answer.json)" \
    <<<'{"scope": ["https://www.googleapis.com/auth/cloud-platform"]}'
}

metadata_server() {
  local root=http://$METADATA/computeMetadata/v1 flavor="Metadata-Flavor: Google" path=instance/service-accounts/default
  same "$(curl -sS --fail --max-time 30 -H "$flavor" "$root/$path/email")" "$CALLER_SA"
  curl -sS --fail --max-time 30 -H "$flavor" "$root/$path/token" >answer.json
  holds '.token_type == "Bearer" and .expires_in > 0'
  curl -sS --fail --max-time 30 -H "$flavor" "$root/$path/?recursive=true" >answer.json
  holds --arg email "$CALLER_SA" '.email == $email and .aliases == ["default"]'
  verify_jwt https://www.googleapis.com/oauth2/v1/certs \
    "$(curl -sS --fail --max-time 30 -H "$flavor" "$root/$path/identity?audience=https://run.example&format=full")"
  same "$(curl -sS --max-time 30 -o answer.json -w '%{http_code}' "$root/$path/email")" 403
  same "$(curl -sS --max-time 30 -D headers.log -o answer.json -w '%{http_code}' -H "$flavor" "$root/$path")" 301
  grep -qi '^metadata-flavor: Google' headers.log
}

check "generateAccessToken gives a token that is the account's" access_token
check "generateAccessToken goes through delegates" through_delegates
check "generateIdToken gives a token that OpenSSL verifies with Google's certificate" id_token
check "signJwt gives a JWT that OpenSSL verifies with the account's certificate, claims as they were" sign_jwt
check "signBlob gives a signature that OpenSSL verifies, of these bytes alone" sign_blob
check "every certificate that is published has a signature that OpenSSL verifies, and is in force" certificates
check "refusals have the bodies of Google's, and an unknown path has a page" refusals
check "a role that is granted as in the guide, read, change, write, is felt at once" change_policy
check "HTTP/1.0, HTTP/1.1 and an offer of HTTP/2 too get the same, with fields" in_every_http
check "mutual TLS answers who shows a certificate, and nobody else" mutual_tls
check "TLS 1.3 with h2 is spoken, and nothing below TLS 1.2" tls
check "the emulator's own certificates are what OpenSSL in strict mode and curl verify" own_certificates
check "the metadata server's own certificates, both ways, are what curl takes" own_metadata_certificates
check "a key that the API has made signs an assertion with OpenSSL that gets a token" server_to_server
check "a workload's token is exchanged, and what it gets may act as a service account" federation
check "the metadata server answers with its flavor, and refuses without" metadata_server
printf '1..%s\n' "$count"
[ "$failed" -eq 0 ]
