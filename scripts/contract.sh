#!/usr/bin/env bash
# Lists each item of the compatibility contract (C1 to C64) with the public
# headers that document it and the tests that name it; fails on a gap.
set -euo pipefail
cd "$(dirname "$0")/.."
exec python3 -B scripts/contract.py
