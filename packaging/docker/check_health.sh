#!/bin/bash
# Ends with status 0 if the server at TROUPE_PORT of this machine is healthy.
# Uses nothing but bash, since an image needs no HTTP client otherwise.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/${TROUPE_PORT:-8080}"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
[[ $status == 200 ]]
