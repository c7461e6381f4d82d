#!/usr/bin/env bash
# Creates the TLS files of cluster nodes, for tests and experiments:
#
#   scripts/make_test_ca.sh [--days N] DIR [NAME...]
#
# DIR/ca.pem, DIR/ca.key       a certificate authority, unless DIR has one
# DIR/NAME.pem, DIR/NAME.key   a certificate for each node, signed by it
#
# The certificates expire after 30 days, or N. Only the owner can read the keys.
# Existing files are not overwritten. Anyone with a key signed by this authority
# can join the cluster: keep DIR/ca.key elsewhere, and sign nothing else with
# it.
set -euo pipefail

usage() {
  sed -n '2,/^set/{s/^# \{0,1\}//;/^set/!p}' "$0"
  exit "$1"
}

fail() {
  echo "$0: $*" >&2
  exit 1
}

days=30
case ${1:-} in
-h | --help) usage 0 ;;
--days)
  days=${2:-}
  shift 2 || usage 2 >&2
  ;;
esac
(($# > 0)) || usage 2 >&2
dir=$1
shift

command -v openssl >/dev/null || fail "needs openssl"
for name in "$@"; do
  [[ $name =~ ^[A-Za-z0-9_.-]+$ && $name != ca ]] \
    || fail "'$name' cannot be the name of a node"
  [[ ! -e $dir/$name.key && ! -e $dir/$name.pem ]] \
    || fail "there is a certificate or a key of $name in $dir already"
done
[[ -e $dir/ca.key || ! -e $dir/ca.pem ]] || fail "$dir/ca.key is gone"
[[ ! -e $dir/ca.key ]] || (($# > 0)) || fail "$dir has an authority already"

umask 077 # keys must never be readable by others
mkdir -p "$dir"

make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

if [[ ! -e $dir/ca.key ]]; then
  make_key "$dir/ca.key"
  openssl req -x509 -new -key "$dir/ca.key" -sha256 -days "$days" \
    -subj "/CN=troupe test CA" -out "$dir/ca.pem" \
    -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
    -addext keyUsage=critical,keyCertSign
  chmod 644 "$dir/ca.pem"
fi

for name in "$@"; do
  make_key "$dir/$name.key"
  openssl req -new -key "$dir/$name.key" -subj "/CN=$name" \
    | openssl x509 -req -sha256 -days "$days" -CA "$dir/ca.pem" \
      -CAkey "$dir/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
      -out "$dir/$name.pem" -extfile <(
        echo "basicConstraints=critical,CA:FALSE"
        echo "keyUsage=critical,digitalSignature"
        # A node is a server to some nodes and a client to others.
        echo "extendedKeyUsage=serverAuth,clientAuth"
        echo "subjectAltName=DNS:$name"
      ) 2>/dev/null
  chmod 644 "$dir/$name.pem"
done
