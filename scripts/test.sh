#!/usr/bin/env bash
# Builds everything and runs all tests; arguments are passed to ctest:
#
#   scripts/test.sh -R actors
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh test
# CI compiles everything once and debugs nothing, so it has the libraries as few
# large files, and line numbers only. It runs the unit tests with sanitizers
# only, in scripts/check.sh: they take most of the time to compile.
cmake --preset dev --log-level=WARNING \
  ${CI:+-D CMAKE_UNITY_BUILD=ON -D CMAKE_UNITY_BUILD_BATCH_SIZE=16
    -D CMAKE_CXX_FLAGS_DEBUG=-g1 -D TROUPE_UNIT_TESTS=OFF} >/dev/null
cmake --build --preset dev -j "$(nproc)"
ctest --preset dev "$@"
