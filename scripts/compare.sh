#!/usr/bin/env bash
# Compares troupe-echo with Bun under the same load. See apps/bench/README.md.
set -euo pipefail

usage() {
  cat <<'END'
usage: compare.sh [options] TROUPE_ECHO [-- WORKLOAD [troupe-load options]]

  --rounds N           measured rounds, each runs every server once (5)
  --retries N          rounds repeated because other work disturbed them (3)
  --load PATH          troupe-load (default: beside TROUPE_ECHO)
  --also NAME=COMMAND  one more server, printing its URL first; repeatable
  --no-bun             leave Bun out
  --path PATH          URL path (/rooms/bench for fanout and rooms, else /echo)

The default workload is: fanout --members 100 --senders 10 --payload 64
END
}

fail() {
  echo "compare.sh: $*" >&2
  exit 2
}

# -- command line --------------------------------------------------------------

root=$(cd "$(dirname "$0")/.." && pwd)
peers=$root/build/peers
bun=$peers/node_modules/.bin/bun
rounds=5 retries=3 load='' echo_server='' path='' with_bun=yes
also=()
while (($#)); do
  case $1 in
    --help) usage; exit ;;
    --no-bun) with_bun=no; shift ;;
    --rounds | --retries | --load | --also | --path)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in
        --rounds) rounds=$2 ;;
        --retries) retries=$2 ;;
        --load) load=$2 ;;
        --also) also+=("$2") ;;
        --path) path=$2 ;;
      esac
      shift 2 ;;
    --) shift; break ;;
    -*) fail "unknown option $1" ;;
    *) echo_server=$1; shift ;;
  esac
done
(($#)) || set -- fanout --members 100 --senders 10 --payload 64
workload=("$@")

[[ -x $echo_server ]] || { usage >&2; exit 2; }
: "${load:=$(dirname "$echo_server")/troupe-load}"
[[ -x $load ]] || fail "no troupe-load at $load; name it with --load"
if [[ -z $path ]]; then
  path=/echo
  [[ ${workload[0]} != @(fanout|rooms) ]] || path=/rooms/bench
fi

names=(troupe)
commands=("$(printf '%q' "$echo_server") --port=0")
if [[ $with_bun = yes ]]; then
  mkdir -p "$peers"
  cp "$root"/apps/bench/peers/{*.mjs,package*.json} "$peers"
  [[ -x $bun ]] || npm --prefix "$peers" ci --no-audit --no-fund >&2
  # Its first start replaces a placeholder by the program.
  "$bun" --version >/dev/null
  names+=(bun)
  commands+=("$(printf '%q %q' "$bun" "$peers/bun_server.mjs") --port=0")
fi
for server in ${also[@]+"${also[@]}"}; do
  names+=("${server%%=*}")
  commands+=("${server#*=}")
done

# -- one measurement -----------------------------------------------------------

results=$(mktemp -d)
server_pid=''
stop_server() {
  [[ -n $server_pid ]] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=''
}
trap 'stop_server; rm -rf "$results"' EXIT

# Runs a command on one core. As root it comes before all other work: a session
# of its own has a priority of its own where the kernel groups by session.
pinned() {
  local core=$1
  shift
  if ((EUID)); then
    exec taskset -c "$core" "$@"
  fi
  exec nice -n -19 taskset -c "$core" setsid bash -c '
    [[ ! -e /proc/self/autogroup ]] || echo -19 >/proc/self/autogroup
    exec "$@"' bash "$@"
}

start_server() {
  ulimit -n "$(ulimit -Hn)"
  : >"$results/out"
  (pinned 0 bash -c "exec $1") >"$results/out" 2>"$results/err" &
  server_pid=$!
  for _ in {1..100}; do
    port=$(sed -nE '1s/.*listening on .*[^0-9]([0-9]+)\/?$/\1/p' "$results/out")
    [[ -z $port ]] || return 0
    sleep 0.1
  done
  cat "$results/err" >&2
  fail "no 'listening on' from: $1"
}

busy_ticks() {
  awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat
}

# Waits for a second in which the machine has little else to do, but not for
# ever: `is_disturbed` judges afterwards.
wait_for_quiet() {
  local before
  for _ in {1..20}; do
    before=$(busy_ticks)
    sleep 1
    (($(busy_ticks) - before > 10)) || return 0
  done
}

# Prints one JSON line.
measure() {
  start_server "$1"
  (pinned 1 "$load" "${workload[@]}" --url "ws://127.0.0.1:$port$path" \
    --server-pid "$server_pid") >"$results/json" 2>"$results/load_err" || {
    cat "$results/load_err" "$results/err" >&2
    fail "the load failed on: $1"
  }
  stop_server
}

field() {
  sed -nE "s/.*\"$1\":([-+.e0-9]+).*/\1/p"
}

is_disturbed() {
  [[ $(field other_cpu_share <"$1" | awk '{ print ($1 > 0.1) }') = 1 ]]
}

# -- rounds --------------------------------------------------------------------

case ${workload[0]} in
  idle) fields=(rss_per_connection pss_per_connection) ;;
  *) fields=(rate server_cpu_us server_cpu_share load_cpu_share) ;;
esac

disturbed_rounds=0
round=1
while ((round <= rounds)); do
  disturbed=no
  wait_for_quiet
  for i in "${!names[@]}"; do
    measure "${commands[i]}"
    mv "$results/json" "$results/round_$i"
    note=''
    if is_disturbed "$results/round_$i"; then
      disturbed=yes
      note=' (disturbed by other work)'
    fi
    printf 'round %d  %-8s' "$round" "${names[i]}"
    for name in "${fields[@]}"; do
      printf '  %s %s' "$name" "$(field "$name" <"$results/round_$i")"
    done
    printf '%s\n' "$note"
  done
  if [[ $disturbed = yes ]] && ((retries > 0)); then
    retries=$((retries - 1))
    continue
  fi
  [[ $disturbed = no ]] || disturbed_rounds=$((disturbed_rounds + 1))
  for i in "${!names[@]}"; do
    cat "$results/round_$i" >>"$results/all_$i"
  done
  round=$((round + 1))
done

# -- medians -------------------------------------------------------------------

# Takes a format for its result.
median() {
  sort -g | awk -v format="$1" '
    { x[NR] = $1 }
    END {
      if (NR == 0) print "-"
      else printf format, (x[int((NR + 1) / 2)] + x[int(NR / 2) + 1]) / 2
    }'
}

# One ratio per round, of its two neighbouring runs: the machine is at times
# slower for minutes, which would fall on either median by chance.
ratios() {
  paste <(field "$1" <"$results/all_0") <(field "$1" <"$results/all_$2") \
    | awk '$2 > 0 { print $1 / $2 }'
}

printf '\n%s\nmedians of %d rounds, %d of them disturbed; TCP: %s\n' \
  "${workload[*]}" "$rounds" "$disturbed_rounds" \
  "$(cat /proc/sys/net/ipv4/tcp_congestion_control)"
printf '%-20s' ''
printf '%14s' "${names[@]}"
for name in "${names[@]:1}"; do
  printf '%18s' "troupe / $name"
done
printf '\n'
for name in "${fields[@]}"; do
  printf '%-20s' "$name"
  for i in "${!names[@]}"; do
    printf '%14s' "$(field "$name" <"$results/all_$i" | median %.8g)"
  done
  for ((i = 1; i < ${#names[@]}; ++i)); do
    printf '%18s' "$(ratios "$name" "$i" | median %.2f)"
  done
  printf '\n'
done
