#!/usr/bin/env bash
# Builds everything and runs all tests; arguments are passed to ctest:
#
#   scripts/test.sh -R actors
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
cmake --preset dev --log-level=WARNING >/dev/null
cmake --build --preset dev -j "$(nproc)"
ctest --preset dev "$@"
