#!/usr/bin/env bash
# Builds everything and runs all tests; arguments are passed to ctest:
#
#   scripts/test.sh -R actors
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
# In CI, which compiles everything once and debugs nothing, the libraries as few
# large files, and line numbers only.
cmake --preset dev --log-level=WARNING \
  ${CI:+-D CMAKE_UNITY_BUILD=ON -D CMAKE_UNITY_BUILD_BATCH_SIZE=16
    -D CMAKE_CXX_FLAGS_DEBUG=-g1} >/dev/null
cmake --build --preset dev -j "$(nproc)"
ctest --preset dev "$@"
