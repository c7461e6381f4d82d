#!/usr/bin/env bash
# What scripts/test.sh leaves out, as CI runs it:
#
#   scripts/check.sh [CHECK]
#
# includes  each folder includes only what it may
# format [--fix]
#           clang-format agrees with every source; --fix makes it agree
# tests     each class has a test, or tests/coverage.txt says what covers it
# python    pyflakes finds nothing in the Python scripts
# shell     shellcheck finds nothing in the shell scripts
# javascript
#           the types of the JavaScript client and of the chat's page agree
# readme    the program that README shows is the one in apps/echo
# snippets  the code in README and in docs compiles
# contract  each item of the contract is documented and has a test
# docs      the API reference is made without a warning: build/dev/docs/html
# headers   each header compiles on its own
# package   a project can use an installed troupe
# instructions [--renew | --profile]
#           a message and a connection cost what tests/bench/budgets.json
#           allows; --renew makes today's costs the budgets
# growth [--sizes N,N...] [SUBJECT...]
#           no cost grows faster than n log n, but for those that
#           tests/bench/growth.json says are known to
# asan      all tests under AddressSanitizer and UBSan
# fuzz [NAME [SECONDS]]
#           no input makes a fuzzer fail: each of them, for 30 seconds
#
# tsan      threads under ThreadSanitizer; not part of "all", see CONTRIBUTING.md
#
# Without arguments: all of them but tsan, in this order.
set -euo pipefail
cd "$(dirname "$0")/.."

checks=(includes format tests python shell javascript readme snippets contract
  docs headers package instructions growth asan fuzz)

configure() { cmake --preset "$1" --log-level=WARNING >/dev/null; }
build() { cmake --build --preset "$1" -j "$(nproc)" "${@:2}"; }

# Prints the files that match, each with a NUL: what git tracks and what it
# would track. It lists deleted files, too.
files() {
  git ls-files --cached --others --exclude-standard -z -- "$@" \
    | while IFS= read -r -d '' file; do
      [[ ! -e $file ]] || printf '%s\0' "$file"
    done
}

check_includes() {
  scripts/check_includes.py
}

check_format() {
  local action=(--dry-run -Werror)
  [[ ${1:-} != --fix ]] || action=(-i)
  files '*.hpp' '*.cpp' | xargs -0 -r clang-format-14 "${action[@]}"
}

check_tests() {
  scripts/check_tests.py
}

check_python() {
  files '*.py' | xargs -0 -r pyflakes3
}

check_shell() {
  files '*.sh' .ci/run | xargs -0 -r shellcheck
}

# The syntax of all, the types of what is delivered.
check_javascript() {
  files '*.js' '*.mjs' | xargs -0 -r -n 1 node --check
  local project
  for project in net/browser apps/chat; do
    tests/system/node_modules/.bin/tsc --project "$project"
  done
}

check_readme() {
  # shellcheck disable=SC2016 # nothing in the pattern is to be expanded
  sed -n '/^```cpp$/,/^```$/{//!p}' README.md | diff - apps/echo/main.cpp
}

check_snippets() {
  scripts/check_snippets.py
}

check_contract() {
  scripts/contract.sh | tail -n 1
}

check_docs() {
  configure dev
  build dev --target docs
}

check_headers() {
  configure dev
  build dev --target self_contained
}

# Unlike the checks before and after, on the release build: the one that others
# install.
check_package() {
  configure release
  build release
  local dir=$PWD/build/package
  rm -rf "$dir" # a header left from last time would hide one not installed
  cmake --install build/release --prefix "$dir/prefix" >/dev/null
  cmake -S tests/consumer -B "$dir/consumer" -G Ninja \
    -D CMAKE_PREFIX_PATH="$dir/prefix" --log-level=WARNING >/dev/null
  cmake --build "$dir/consumer"
  "$dir/consumer/consumer"
}

# On the release build, too.
check_instructions() {
  configure release
  build release --target troupe-echo troupe-compat
  TROUPE_BIN_DIR=build/release/bin python3 -B scripts/instructions.py "$@"
}

check_growth() {
  configure release
  build release --target troupe-growth
  TROUPE_BIN_DIR=build/release/bin python3 -B scripts/growth.py "$@"
}

check_asan() {
  configure asan
  build asan
  ctest --preset asan
}

check_tsan() {
  scripts/make_tsan_caf.sh build/tsan-caf
  CXX=clang++-14 configure tsan
  build tsan
  scripts/tsan.sh
}

check_fuzz() {
  configure fuzz
  build fuzz
  local names=("${1:-}") file
  if [[ -z ${1:-} ]]; then
    names=()
    for file in tests/fuzz/*_fuzzer.cpp; do
      names+=("$(basename "$file" _fuzzer.cpp)")
    done
  fi
  local name
  for name in "${names[@]}"; do
    fuzz "$name" "${2:-30}"
  done
}

fuzz() {
  local name=$1 seconds=$2
  # New inputs go to the build folder: found is not yet worth keeping.
  local found=build/fuzz/$name options=()
  mkdir -p "$found"
  [[ ! -f tests/fuzz/$name.dict ]] || options+=(-dict="tests/fuzz/$name.dict")
  build/fuzz/bin/troupe-"$name"-fuzzer -max_total_time="$seconds" \
    -artifact_prefix="$found-" -print_final_stats=1 "${options[@]}" \
    "$found" tests/fuzz/"$name"_corpus
}

run() {
  echo "== check: $1"
  "check_$1" "${@:2}"
}

if (($# > 0)) && [[ " ${checks[*]} tsan " != *" $1 "* ]]; then
  echo "usage: $0 [${checks[*]} tsan]" >&2
  exit 2
fi

scripts/setup.sh test
if (($# > 0)); then
  run "$@"
else
  for check in "${checks[@]}"; do
    run "$check"
  done
  echo "== all checks passed"
fi
