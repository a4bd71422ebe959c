#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes ready in a folder what the clients from Debian need: installs their packages, compiles the Go program, and has protoc make
# Python's message classes. The last thing written is the file `ready`. Usage: prepare.sh FOLDER
set -euo pipefail
folder=$(mkdir -p "$1" && cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
packages=(chromium curl golang-go golang-google-cloud-dev golang-google-grpc-dev haproxy jq nghttp2-proxy nginx-light openssl protobuf-compiler
  python3-google-auth python3-googleapi python3-grpcio python3-protobuf python3-requests)
# A JDK is large: Google's HTTP client for Java comes where there is one.
if command -v javac >/dev/null; then packages+=(libgoogle-http-client-java); fi
# Python's message classes come from our protos and from those that google-gax brings.
ours=(google/iam/credentials/v1/{common,iamcredentials}.proto)
shared=(google/api/{annotations,client,field_behavior,http,launch_stage,resource}.proto google/rpc/{error_details,status}.proto)

fail() {
  printf 'prepare.sh: %s\n' "$*" >&2
  exit 1
}

# Runs a step within so many seconds, in the background of everything else, and says what went wrong where.
within() {
  local seconds=$1 what=$2
  shift 2
  nice -n 5 timeout -k 5 "$seconds" "$@" </dev/null || fail "$what failed with status $? ($* in $seconds s)"
}

missing() {
  local name
  for name in "${packages[@]}"; do
    [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = "ii " ] || printf '%s ' "$name"
  done
}

install() {
  local wanted
  command -v apt-get dpkg-query >/dev/null || fail "this needs Debian: there is no apt-get for ${packages[*]}"
  read -ra wanted <<<"$(missing)"
  [ "${#wanted[@]}" -gt 0 ] || return 0
  [ "$(id -u)" -eq 0 ] || fail "only root can install the Debian packages ${wanted[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # The lists are locked while another apt-get reads them; it is soon done.
  local quiet=(-qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3) attempt
  for attempt in 1 2 3; do
    timeout -k 5 120 nice -n 5 apt-get "${quiet[@]}" update </dev/null && break
    [ "$attempt" -lt 3 ] || fail "apt-get update failed three times"
    sleep 5
  done
  # Without fsync: what breaks off can be installed anew.
  within 300 "installing the Debian packages ${wanted[*]}" apt-get "${quiet[@]}" -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-unsafe-io install -y --no-install-recommends "${wanted[@]}" >"$folder/apt.log"
}

rm -f "$folder/ready"
install
mkdir -p "$folder/python"
within 60 "protoc" protoc -I "$root/protos" -I "$root/node_modules/google-gax/build/protos" --python_out="$folder/python" \
  "${ours[@]}" "${shared[@]}"
# Debian's Go libraries are sources under one GOPATH, made for builds without modules.
cd "$here/go"
within 300 "compiling the Go client" env GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-p=2 \
  GOCACHE="${GOCACHE:-$folder/go-cache}" HOME="$folder" go build -o "$folder/go-client" .
cd "$here/go-server"
within 300 "compiling the Go server" env GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS=-p=2 \
  GOCACHE="${GOCACHE:-$folder/go-cache}" HOME="$folder" go build -o "$folder/go-server" .
touch "$folder/ready"
