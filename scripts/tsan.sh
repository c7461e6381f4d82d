#!/usr/bin/env bash
# Runs the tests that use threads under ThreadSanitizer. Called by
# scripts/check.sh tsan, which builds them. Fails if a race is reported, or if a
# deliberate race is not reported.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$PWD/build/tsan/bin
reports=$PWD/build/tsan/reports
rm -rf "$reports"
mkdir -p "$reports"
# Only reports count, not exit statuses: a test may time out under the sanitizer
# without a race.
symbolizer=$(command -v llvm-symbolizer-14 || true)
export TSAN_OPTIONS="log_path=$reports/report exitcode=0 history_size=5 \
second_deadlock_stack=1 external_symbolizer_path=$symbolizer"

plant_a_race() {
  local source=$reports/planted.cpp
  cat >"$source" <<'EOF'
#include <thread>
int x = 0;
int main() {
  std::thread t{[] { ++x; }};
  ++x;
  t.join();
}
EOF
  clang++-14 -fsanitize=thread -O1 "$source" -o "$reports/planted"
  "$reports/planted"
  if ! compgen -G "$reports/report.*" >/dev/null; then
    echo "tsan: a planted race is not reported" >&2
    exit 1
  fi
  rm "$reports"/*
}

plant_a_race
# CAF's default time limit is 30 s per test.
"$bin/troupe-net-tests" -r 600 >"$reports/net.log" 2>&1 \
  || echo "tsan: a unit test failed, see $reports/net.log" >&2
for name in abuse cluster cluster_chat deflate drain flood http_abuse limits metrics \
  overload signals tls ws; do
  script=$(ls tests/system/"${name}"_test.*)
  run=(/usr/bin/python3 -B)
  [[ $script == *.py ]] || run=(node)
  TROUPE_BIN_DIR=$bin TROUPE_TEST_ARTIFACTS=$reports \
    timeout 300 "${run[@]}" "$script" >"$reports/$name.log" 2>&1 \
    || echo "tsan: system.$name failed, see $reports/$name.log" >&2
done

if compgen -G "$reports/report.*" >/dev/null; then
  cat "$reports"/report.* >&2
  exit 1
fi
echo "tsan: no reports"
