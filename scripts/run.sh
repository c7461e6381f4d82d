#!/usr/bin/env bash
# Builds the sample chat and runs it; arguments are passed to the program:
#
#   scripts/run.sh --port=9000
set -euo pipefail
cd "$(dirname "$0")/.."

# The output of the build goes to stderr, only that of the program to stdout.
{
  scripts/setup.sh build
  [[ -f build/release/build.ninja ]] || cmake --preset release
  cmake --build --preset release -j "$(nproc)" \
    --target troupe-chat troupe-echo troupe-node \
    | sed -u -e '/Re-checking globbed/d' -e '/no work to do/d'
} >&2

exec build/release/bin/troupe-chat "$@"
