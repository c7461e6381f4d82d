#!/usr/bin/env bash
# Compares troupe with its peers under the same load. See apps/bench/README.md.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/compare.sh [options] [-- WORKLOAD [troupe-load options]]

  --peers LIST         of bun,ws,socket.io,websocketpp,gorilla (all); or none
  --also NAME=COMMAND  one more server, printing its URL first; repeatable
  --rounds N           measured rounds, each runs every server once (5)
  --retries N          rounds of a workload repeated because other work
                       disturbed them (3)
  --seconds N          measured in each run (3)
  --bin DIR            has troupe-echo and troupe-load (build/release/bin)
  --out DIR            for results.jsonl, table.md, chart.svg (build/compare)

Without a workload it runs some that say most together, which takes long. Run it
as root if you can, and while nothing else runs.
HELP
}

fail() {
  echo "compare.sh: $*" >&2
  exit 2
}

# -- command line --------------------------------------------------------------

root=$(cd "$(dirname "$0")/.." && pwd)
peers_dir=$root/build/peers
debian=$peers_dir/debian
bin=$root/build/release/bin out=$root/build/compare
peers=bun,ws,socket.io,websocketpp,gorilla
rounds=5 retries=3 seconds=3
also=()
while (($#)); do
  case $1 in
    --help) usage; exit ;;
    --peers | --rounds | --retries | --seconds | --bin | --out | --also)
      (($# > 1)) || fail "$1 needs a value"
      case $1 in
        --also) also+=("$2") ;;
        *) printf -v "${1#--}" '%s' "$2" ;;
      esac
      shift 2 ;;
    --) shift; break ;;
    *) usage >&2; fail "unknown option $1" ;;
  esac
done
[[ $peers != none ]] || peers=''
if (($#)); then
  workloads=("$*")
else
  workloads=(
    "fanout --members 100 --senders 10"
    "fanout --members 100 --senders 100"
    "fanout --members 1000 --senders 10"
    "rooms --rooms 20 --members 20 --senders 2"
    "echo --connections 100"
    "connect --connections 5000"
    "idle --connections 5000"
  )
fi
for program in troupe-echo troupe-load; do
  [[ -x $bin/$program ]] || fail "no $program in $bin: cmake --preset release \
&& cmake --build --preset release, or name the folder with --bin"
done

# -- peers: all that is installed or built for them goes to build/peers --------

has_peer() {
  [[ ,$peers, == *",$1,"* ]]
}

install_npm() {
  [[ $peers_dir/node_modules/.package-lock.json \
    -nt $root/apps/bench/peers/package-lock.json ]] \
    || npm --prefix "$peers_dir" ci --no-audit --no-fund >&2
}

# Unpacks packages of Debian's without installing them.
install_debian() {
  local package
  mkdir -p "$debian"
  for package; do
    [[ ! -e $debian/$package ]] || continue
    (
      cd "$debian"
      apt-get download -qq -o APT::Sandbox::User=root "$package" \
        || fail "no $package: is apt-get update due?"
      dpkg-deb -x "${package}"_*.deb .
      rm "${package}"_*.deb
      touch "$package"
    )
  done
}

build_websocketpp() {
  local source=$root/apps/bench/peers/websocketpp_server.cpp
  install_debian libwebsocketpp-dev
  [[ $peers_dir/websocketpp_server -nt $source ]] \
    || g++ -O2 -std=c++17 -I "$debian/usr/include" "$source" -pthread \
      -o "$peers_dir/websocketpp_server"
}

build_gorilla() {
  local source=$root/apps/bench/peers/gorilla_server.go
  install_debian golang-1.19-go golang-1.19-src \
    golang-github-gorilla-websocket-dev
  [[ $peers_dir/gorilla_server -nt $source ]] \
    || GO111MODULE=off GOROOT=$debian/usr/lib/go-1.19 \
      GOPATH=$debian/usr/share/gocode GOCACHE=$peers_dir/go-cache \
      "$debian/usr/lib/go-1.19/bin/go" build \
      -o "$peers_dir/gorilla_server" "$source"
}

mkdir -p "$peers_dir"
cp "$root"/apps/bench/peers/{*.mjs,package*.json} "$peers_dir"
bun=$peers_dir/node_modules/.bin/bun
if has_peer bun || has_peer ws || has_peer socket.io; then
  install_npm
fi
# Its first start replaces a placeholder by the program.
! has_peer bun || "$bun" --version >/dev/null
! has_peer websocketpp || build_websocketpp
! has_peer gorilla || build_gorilla

# -- servers -------------------------------------------------------------------

names=() commands=()
add_server() {
  names+=("$1")
  commands+=("$(printf '%q ' "${@:2}")")
}
add_server troupe "$bin/troupe-echo" --port=0
! has_peer bun || add_server bun "$bun" "$peers_dir/bun_server.mjs"
! has_peer ws || add_server ws node "$peers_dir/ws_server.mjs"
! has_peer socket.io || add_server socket.io node "$peers_dir/socketio_server.mjs"
! has_peer websocketpp || add_server websocketpp "$peers_dir/websocketpp_server"
! has_peer gorilla || add_server gorilla "$peers_dir/gorilla_server"
for server in ${also[@]+"${also[@]}"}; do
  names+=("${server%%=*}")
  commands+=("${server#*=}")
done

# Prints the URL's path and the options that a server wants for a workload.
address_of() {
  local room=''
  [[ $2 != @(fanout|rooms|slow|churn|leave)* ]] || room=bench
  case $1 in
    socket.io)
      printf '/socket.io/?EIO=4&transport=websocket%s --dialect socket.io' \
        "${room:+&room=$room}" ;;
    *)
      [[ -z $room ]] && printf '/echo' || printf '/rooms/%s' "$room" ;;
  esac
}

# -- one measurement -----------------------------------------------------------

mkdir -p "$out"
scratch=$(mktemp -d)
server_pid=''
stop_server() {
  [[ -n $server_pid ]] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=''
}
trap 'stop_server; rm -rf "$scratch"' EXIT

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
  : >"$scratch/out"
  (pinned 0 bash -c "exec $1") >"$scratch/out" 2>"$scratch/err" &
  server_pid=$!
  for _ in {1..100}; do
    port=$(sed -nE '1s/.*listening on .*[^0-9]([0-9]+)\/?$/\1/p' "$scratch/out")
    [[ -z $port ]] || return 0
    sleep 0.1
  done
  cat "$scratch/err" >&2
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

# Writes one JSON line to $scratch/json.
measure() {
  local name=$1 command=$2 workload=$3 path options
  start_server "$command"
  read -r path options <<<"$(address_of "$name" "$workload") --seconds $seconds"
  # Word by word: neither has an option with a space in it.
  # shellcheck disable=SC2086
  (pinned 1 "$bin/troupe-load" $workload $options \
    --url "ws://127.0.0.1:$port$path" --server-pid "$server_pid") \
    >"$scratch/json" 2>"$scratch/load_err" || {
    cat "$scratch/load_err" "$scratch/err" >&2
    fail "the load failed on $name: $workload"
  }
  stop_server
}

is_disturbed() {
  sed -nE 's/.*"other_cpu_share":([-+.e0-9]+).*/\1/p' "$1" \
    | awk '{ found = $1 > 0.1 } END { exit !found }'
}

# -- rounds --------------------------------------------------------------------

# Appends one line for each server to results.jsonl.
run_round() {
  local workload=$1 round=$2 disturbed=false
  wait_for_quiet
  for i in "${!names[@]}"; do
    measure "${names[i]}" "${commands[i]}" "$workload"
    mv "$scratch/json" "$scratch/round_$i"
    ! is_disturbed "$scratch/round_$i" || disturbed=true
    printf 'round %d  %-12s %s\n' "$round" "${names[i]}" \
      "$(cat "$scratch/load_err")" >&2
  done
  if [[ $disturbed = true ]] && ((retries_left > 0)); then
    retries_left=$((retries_left - 1))
    echo 'other work disturbed this round: once more' >&2
    return 1
  fi
  for i in "${!names[@]}"; do
    printf '{"server":"%s","disturbed":%s,"result":%s}\n' "${names[i]}" \
      "$disturbed" "$(cat "$scratch/round_$i")"
  done >>"$out/results.jsonl"
}

: >"$out/results.jsonl"
for workload in "${workloads[@]}"; do
  printf '\n== %s\n' "$workload" >&2
  retries_left=$retries
  for ((round = 1; round <= rounds;)); do
    ! run_round "$workload" "$round" || round=$((round + 1))
  done
done

"$root/scripts/compare_report.py" "$out"
