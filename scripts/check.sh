#!/usr/bin/env bash
# Runs the checks of CI that scripts/test.sh does not include:
#
#   scripts/check.sh [CHECK]
#
# includes  folders include only headers of lower layers
# limits    docs/limits.md has all limits, and server::stats() all counters
# lengths   no source has more than 450 lines: longer ones are two concepts
# format [--fix]
#           all sources are formatted by clang-format; --fix formats them
# tests     each class has a test, or tests/coverage.txt names the tests that
#           cover it
# python    pyflakes accepts the Python scripts
# shell     shellcheck accepts the shell scripts
# javascript
#           the JavaScript client, the pages of the chat and the inspector, and
#           the TypeScript in README.md and docs/ pass the type check
# tidy      clang-tidy finds nothing in the libraries of what .clang-tidy lists
# readme    the program in README.md is the one in apps/echo
# snippets  the code in README.md and docs/ compiles
# contract  each item of the contract is documented and has a test
# docs      the API reference builds without warnings: build/dev/docs/html
# headers   each header compiles on its own
# package   another project can use an installation and the Debian packages, in
#           which lintian finds no error
# instructions [--renew | --profile]
#           messages and connections cost no more instructions than
#           tests/bench/budgets.json allows; --renew sets the budgets to the
#           current costs
# growth [--sizes N,N...] [SUBJECT...]
#           no cost grows faster than n log n, except those that
#           tests/bench/growth.json lists
# asan      all tests pass under AddressSanitizer and UBSan
# fuzz [NAME [SECONDS]]
#           the fuzzers find no failure; each runs for 30 seconds
#
# Only if named, see CONTRIBUTING.md:
#
# tsan      tests with threads pass under ThreadSanitizer
# coverage  all tests, and which share of the lines they run:
#           build/coverage/coverage.txt
#
# Without arguments: all others, in this order.
set -euo pipefail
cd "$(dirname "$0")/.."

checks=(includes limits lengths format tests python shell javascript tidy
  readme snippets contract docs headers package instructions growth asan fuzz)
if_named=(tsan coverage)

configure() { cmake --preset "$1" --log-level=WARNING >/dev/null; }
build() { cmake --build --preset "$1" -j "$(nproc)" "${@:2}"; }

# Prints the matching files that git tracks or would track, each followed by a
# NUL. Skips deleted files, which git lists as well.
files() {
  git ls-files --cached --others --exclude-standard -z -- "$@" \
    | while IFS= read -r -d '' file; do
      [[ ! -e $file ]] || printf '%s\0' "$file"
    done
}

check_includes() {
  scripts/check_includes.py
}

check_limits() {
  scripts/check_limits.py
}

check_lengths() {
  local long
  long=$(files '*.hpp' '*.cpp' '*.js' '*.mjs' '*.py' '*.sh' \
    | xargs -0 wc -l | awk '$1 > 450 && $2 != "total"')
  [[ -z $long ]] || { echo "$long" >&2 && return 1; }
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

# Checks the syntax of all files, and the types of those that are delivered or
# shown.
check_javascript() {
  files '*.js' '*.mjs' | xargs -0 -r -n 1 node --check
  scripts/unpack_recipes.mjs build/recipes
  local project
  for project in net/browser net/inspector apps/chat build/recipes; do
    tests/system/node_modules/.bin/tsc --project "$project"
  done
}

# The libraries, as the large files of a unity build, since most of the time
# goes into headers.
check_tidy() {
  configure tidy
  sed -n 's/^ *"file": "\(.*troupe_.*Unity.*\)",\{0,1\}$/\1/p' \
    build/tidy/compile_commands.json \
    | xargs -P "$(nproc)" -n 1 clang-tidy-14 -p build/tidy --quiet \
      2> >(grep -v ' warnings\{0,1\} generated' >&2) # in headers of others
}

check_readme() {
  # shellcheck disable=SC2016 # the pattern must not be expanded
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

# Builds a program with a static installation from the release build, and with
# the Debian packages, by CMake and by pkg-config.
check_package() {
  configure release
  build release
  local dir=$PWD/build/consumers
  rm -rf "$dir" # a header from an earlier run would hide a missing one
  cmake --install build/release --prefix "$dir/static" >/dev/null
  check_debian_packages "$dir/root"
  local usr=$dir/root/usr lib
  lib=$(dirname "$(find "$usr/lib" -name 'libtroupe.so')")
  consume_by_cmake "$dir/static" "$dir/by-cmake-static" &
  consume_by_cmake "$usr" "$dir/by-cmake" &
  wait -n
  wait -n
  consume_by_pkg_config "$dir/static/lib" "$dir/by-pkg-config-static" &
  consume_by_pkg_config "$lib" "$dir/by-pkg-config" &
  wait -n
  wait -n
  for program in "$dir"/by-*/consumer; do
    LD_LIBRARY_PATH=$lib "$program"
  done
  NODE_PATH=$usr/share/javascript node --eval 'new (require("troupe-client").WsError)'
  LD_LIBRARY_PATH=$lib "$usr/bin/troupe-chat" --check-config \
    --config-file="$dir/root/etc/troupe/chat.conf"
  for program in "$usr"/bin/*; do
    gzip --test "$usr/share/man/man1/$(basename "$program").1.gz"
  done
}

# Builds the Debian packages, and unpacks them in a folder.
check_debian_packages() {
  scripts/package.sh
  lintian --fail-on error --tag-display-limit 0 build/package/packages/*.deb
  local package
  for package in build/package/packages/*.deb; do
    dpkg-deb --extract "$package" "$1"
  done
}

consume_by_cmake() {
  cmake -S tests/consumer -B "$2" -G Ninja -D CMAKE_PREFIX_PATH="$1" \
    --log-level=WARNING >/dev/null
  cmake --build "$2"
}

consume_by_pkg_config() {
  local flags
  mkdir -p "$2"
  export PKG_CONFIG_PATH=$1/pkgconfig
  read -ra flags < <(pkg-config --cflags --libs troupe)
  g++ tests/consumer/main.cpp -o "$2/consumer" \
    "-DPACKAGE_VERSION=\"$(pkg-config --modversion troupe)\"" "${flags[@]}"
}

# Uses the release build as well.
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

check_coverage() {
  configure coverage
  find build/coverage -name '*.gcda' -delete
  build coverage
  ctest --preset coverage
  gcovr --root . --filter '(actors|apps|base|include|net)/' \
    --exclude 'apps/bench/' --print-summary --sort-uncovered -j "$(nproc)" \
    --output build/coverage/coverage.txt build/coverage
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
  # Writes new inputs to the build folder; only selected ones are committed.
  local found=build/fuzz/$name options=()
  mkdir -p "$found"
  [[ ! -f tests/fuzz/$name.dict ]] || options+=(-dict="tests/fuzz/$name.dict")
  build/fuzz/bin/troupe-"$name"-fuzzer -max_total_time="$seconds" \
    -artifact_prefix="$found-" -print_final_stats=1 "${options[@]}" \
    "$found" tests/fuzz/"$name"_corpus
}

run() {
  local start=$SECONDS
  echo "== check: $1"
  "check_$1" "${@:2}"
  echo "== $1 took $((SECONDS - start)) s"
}

if (($# > 0)) && [[ " ${checks[*]} ${if_named[*]} " != *" $1 "* ]]; then
  echo "usage: $0 [${checks[*]} ${if_named[*]}]" >&2
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
