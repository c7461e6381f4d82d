#!/usr/bin/env bash
# Compares troupe with its peers under the same load. See apps/bench/README.md.
set -euo pipefail

usage() {
  cat <<'HELP'
usage: scripts/compare.sh [options] [-- WORKLOAD [troupe-load options]]

  --peers LIST         of uws,bun,ws,socket.io,websocketpp,gorilla (all); or none
  --tls                all servers use TLS, with a throw-away certificate; of the
                       peers, only uws and bun can
  --also NAME=COMMAND  one more server, printing its URL first; repeatable
  --beside WORKLOAD    each server does this one, too, with the same options;
                       both in each round, so that their figures compare
  --during WORKLOAD    meanwhile, a second load puts this on the server; a workload
                       of troupe-load with its options; with --real-time, the
                       load that measures takes precedence over it
  --threads LIST       troupe with each of these numbers of threads, as in 1,2;
                       server and load share all cores; without peers, if not
                       asked for
  --real-time          as root: no other program's time slice delays server or
                       load; for --rate, since who needs more than 95 % of its
                       core is stopped for a while; with --during, the load only
  --rounds N           measured rounds, each runs every server once (5)
  --retries N          rounds of a workload repeated because other work
                       disturbed them (2)
  --seconds N          measured in each run (3)
  --quick              2 rounds of 1 second, none repeated
  --bin DIR            has troupe-echo, troupe-bench-server and troupe-load
                       (build/release/bin)
  --out DIR            for results.jsonl, table.md, chart.svg (build/compare)

Without a workload it runs those that say most together and tells how long that
takes. Run it as root if you can, and while nothing else runs.
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
peers='' beside='' during='' threads='' real_time='' tls=''
rounds=5 retries=2 seconds=3
also=()
while (($#)); do
  case $1 in
    --help) usage; exit ;;
    --real-time) real_time=yes; shift ;;
    --tls) tls=yes; shift ;;
    --quick) rounds=2 retries=0 seconds=1; shift ;;
    --peers | --also | --beside | --during | --threads | --rounds \
      | --retries | --seconds | --bin | --out)
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
if [[ -z $peers && -z $threads ]]; then
  peers=uws,bun
  [[ -n $tls ]] || peers+=,ws,socket.io,websocketpp,gorilla
fi
if (($#)); then
  workloads=("$*")
elif [[ -n $threads ]]; then
  workloads=(
    "rooms --rooms 20 --members 20 --senders 2 --read-at 4096"
    "rooms --rooms 40 --members 50 --senders 5 --read-at 4096"
  )
elif [[ -n $tls ]]; then
  workloads=(
    "fanout --members 100 --senders 10 --payload 64"
    "fanout --members 100 --senders 10 --payload 1024"
    "fanout --members 1000 --senders 10 --payload 64"
    "fanout --members 1000 --senders 10 --payload 1024"
    "echo --connections 100"
    "connect --connections 3000"
    "connect --connections 3000 --resume yes"
    "idle --connections 3000 --greet yes"
  )
else
  workloads=(
    "fanout --members 100 --senders 10 --payload 64"
    "fanout --members 100 --senders 10 --payload 1024"
    "fanout --members 1000 --senders 10 --payload 64"
    "fanout --members 1000 --senders 10 --payload 1024"
    "fanout --members 100 --senders 100 --payload 64"
    "echo --connections 100"
    "request --connections 100"
    "connect --connections 10000"
    "idle --connections 10000"
    "leave --connections 10000"
  )
fi
[[ -z $real_time ]] || ((EUID == 0)) || fail '--real-time takes root'
for program in troupe-echo troupe-bench-server troupe-load; do
  [[ -x $bin/$program ]] || fail "no $program in $bin: cmake --preset release \
&& cmake --build --preset release, or name the folder with --bin"
done

# -- peers: installed and built in build/peers ---------------------------------

has_peer() {
  [[ ,$peers, == *",$1,"* ]]
}

install_npm() {
  [[ $peers_dir/node_modules/.package-lock.json \
    -nt $root/apps/bench/peers/package-lock.json ]] \
    || npm --prefix "$peers_dir" ci --no-audit --no-fund >&2
}

# Unpacks Debian packages without installing them.
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
if has_peer uws || has_peer bun || has_peer ws || has_peer socket.io; then
  install_npm
fi
# The first start replaces a placeholder by the program.
! has_peer bun || "$bun" --version >/dev/null
! has_peer websocketpp || build_websocketpp
! has_peer gorilla || build_gorilla

# -- servers -------------------------------------------------------------------

names=() commands=()
scheme=ws troupe_tls=() peer_tls=()
if [[ -n $tls ]]; then
  [[ $peers =~ ^((uws|bun|none)(,|$))*$ ]] || fail '--tls: only uws and bun can'
  [[ -e $out/tls/localhost.key ]] \
    || "$root/scripts/make_test_ca.sh" "$out/tls" localhost
  scheme=wss
  files=("$out/tls/localhost.pem" "$out/tls/localhost.key")
  troupe_tls=("--tls.certificate=${files[0]}" "--tls.key=${files[1]}")
  peer_tls=(--tls-certificate "${files[0]}" --tls-key "${files[1]}")
fi

add_server() {
  names+=("$1")
  commands+=("$(printf '%q ' "${@:2}")")
}
for count in ${threads//,/ }; do
  add_server "troupe -t$count" "$bin/troupe-echo" --port=0 --threads="$count" \
    "${troupe_tls[@]}"
done
[[ -n $threads ]] || add_server troupe "$bin/troupe-echo" --port=0 \
  "${troupe_tls[@]}"
! has_peer uws || add_server uws node "$peers_dir/uws_server.mjs" "${peer_tls[@]}"
! has_peer bun || add_server bun "$bun" "$peers_dir/bun_server.mjs" "${peer_tls[@]}"
# A package of uWebSockets brings an addon that would change `ws`.
export WS_NO_BUFFER_UTIL=1
! has_peer ws || add_server ws node "$peers_dir/ws_server.mjs"
! has_peer socket.io || add_server socket.io node "$peers_dir/socketio_server.mjs"
! has_peer websocketpp || add_server websocketpp "$peers_dir/websocketpp_server"
! has_peer gorilla || add_server gorilla "$peers_dir/gorilla_server"
for server in ${also[@]+"${also[@]}"}; do
  names+=("${server%%=*}")
  commands+=("${server#*=}")
done

# Prints the path of the URL and the options for a server and a workload. In
# `request`, peers whose protocol has no requests send an echo.
address_of() {
  local room='' asks=''
  case $2 in
    fanout* | rooms* | slow* | churn* | leave*) room=bench ;;
    request*) asks=yes ;;
  esac
  if [[ $1 == socket.io ]]; then
    printf '/socket.io/?EIO=4&transport=websocket%s --dialect socket.io%s' \
      "${room:+&room=$room}" "${asks:+-ack}"
  elif [[ -n $room ]]; then
    printf '/rooms/%s' "$room"
  elif [[ -z $asks || $1 == @(uws|bun|ws|websocketpp|gorilla) ]]; then
    printf '/echo'
  else
    printf '/requests --dialect troupe.2'
  fi
}

# -- one measurement -----------------------------------------------------------

mkdir -p "$out"
scratch=$(mktemp -d)
server_pid='' during_pid=''
stop_during() {
  [[ -n $during_pid ]] || return 0
  kill "$during_pid" 2>/dev/null || true
  wait "$during_pid" 2>/dev/null || true
  during_pid=''
}

stop_server() {
  [[ -n $server_pid ]] || return 0
  kill "$server_pid" 2>/dev/null || true
  for _ in {1..50}; do
    kill -0 "$server_pid" 2>/dev/null || break
    sleep 0.1
  done
  kill -9 "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=''
}
trap 'stop_during; stop_server; rm -rf "$scratch"' EXIT

# Server and load each use one core, unless threads are compared.
if [[ -z $threads ]]; then
  server_place=(taskset -c 0) load_place=(taskset -c 1)
else
  server_place=() load_place=()
fi

# Runs a command with a high priority if started by root. The command gets a new
# session, since the kernel may apply priorities to whole sessions.
urgently() {
  if ((EUID)); then
    exec "$@"
  fi
  [[ -z $real_time ]] || exec chrt -f 1 "$@"
  exec nice -n -19 setsid bash -c '
    [[ ! -e /proc/self/autogroup ]] || echo -19 >/proc/self/autogroup
    exec "$@"' bash "$@"
}

start_server() {
  ulimit -n "$(ulimit -Hn)"
  : >"$scratch/out"
  # Under a flood, a server needs all of its core.
  ([[ -z $during ]] || real_time=''
    urgently "${server_place[@]}" bash -c "exec $1") \
    >"$scratch/out" 2>"$scratch/err" &
  server_pid=$!
  for _ in {1..100}; do
    port=$(sed -nE '1s/.*listening on .*[^0-9]([0-9]+)\/?$/\1/p' "$scratch/out")
    [[ -z $port ]] || return 0
    sleep 0.1
  done
  echo "no 'listening on' from: $1" >>"$scratch/err"
  return 1
}

busy_ticks() {
  awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat
}

# Waits for a second in which the machine is nearly idle, for a limited time;
# `is_disturbed` checks the measurement afterwards.
wait_for_quiet() {
  local before
  for _ in {1..10}; do
    before=$(busy_ticks)
    sleep 1
    (($(busy_ticks) - before > 10)) || return 0
  done
}

# Starts the load of --during, which ends with `stop_during`.
start_during() {
  [[ -n $during ]] || return 0
  # shellcheck disable=SC2086
  (real_time=''
    urgently "${load_place[@]}" \
      "$bin/troupe-load" $during --seconds 600 --url "$1") \
    >"$scratch/during" 2>&1 &
  during_pid=$!
  sleep 1
  kill -0 "$during_pid" 2>/dev/null || fail "$(cat "$scratch/during")"
}

# Writes one line of JSON to $scratch/json, or a reason to $scratch/load_err.
measure() {
  local name=$1 command=$2 workload=$3 path options status=0
  : >"$scratch/load_err"
  # Of the two programs, only one answers requests.
  [[ $workload != request* ]] \
    || command=${command/troupe-echo/troupe-bench-server}
  if start_server "$command"; then
    read -r path options \
      <<<"$(address_of "$name" "$workload") --seconds $seconds"
    start_during "$scheme://127.0.0.1:$port$path"
    # Split into words on purpose: no option contains a space.
    # shellcheck disable=SC2086
    (urgently "${load_place[@]}" timeout -k 5 180 \
      "$bin/troupe-load" $workload $options \
      --url "$scheme://127.0.0.1:$port$path" --server-pid "$server_pid") \
      >"$scratch/json" 2>"$scratch/load_err" || status=$?
    ((status != 124)) || echo 'no end after 180 seconds' >>"$scratch/load_err"
    ((status != 2)) || fail "$(cat "$scratch/load_err")"
  else
    status=1
  fi
  stop_during
  stop_server
  ((status == 0)) || tail -n 3 "$scratch/err" >>"$scratch/load_err"
  return "$status"
}

# The limit for `leave` is higher, since deferred work of the kernel is a larger
# part of its short time.
is_disturbed() {
  local limit=0.1
  [[ -z $during ]] || return 1 # The second load counts as other work.
  [[ $1 != leave* ]] || limit=0.25
  sed -nE 's/.*"other_cpu_share":([-+.e0-9]+).*/\1/p' "$2" \
    | awk -v limit=$limit '{ found = $1 > limit } END { exit !found }'
}

# -- rounds --------------------------------------------------------------------

# Members of a round: label in the results, index of the server, workload.
labels=() members=() works=()
fill_round() {
  labels=() members=() works=() failures=()
  for i in "${!names[@]}"; do
    labels+=("${names[i]}") members+=("$i") works+=("$1")
    [[ -n $beside ]] || continue
    labels+=("${names[i]} ($beside)") members+=("$i")
    works+=("$beside ${1#* }")
  done
  for i in "${!labels[@]}"; do
    failures+=(0)
  done
}

# Writes the result of the i-th member to $scratch/round_i. A member that failed
# twice in a workload is not run again and counts as failed.
run_member() {
  local i=$1 key
  key=$(printf '"row":"%s","round":%d,"server":"%s"' "$workload" "$round" \
    "${labels[i]}")
  printf '{%s,"failed":true}\n' "$key" >"$scratch/round_$i"
  ((failures[i] < 2)) || return 0
  if measure "${names[members[i]]}" "${commands[members[i]]}" "${works[i]}"; then
    ! is_disturbed "${works[i]}" "$scratch/json" || disturbed=true
    printf '{%s,"disturbed":DISTURBED,"result":%s}\n' "$key" \
      "$(cat "$scratch/json")" >"$scratch/round_$i"
  else
    failures[i]=$((failures[i] + 1))
  fi
  printf 'round %d  %-12s %s\n' "$round" "${labels[i]}" \
    "$(cat "$scratch/load_err")" >&2
}

# Runs all members and appends one line for each to results.jsonl.
run_round() {
  disturbed=false
  wait_for_quiet
  for i in "${!labels[@]}"; do
    run_member "$i"
  done
  if [[ $disturbed = true ]] && ((retries_left > 0)); then
    retries_left=$((retries_left - 1))
    echo 'other work disturbed this round: once more' >&2
    return 1
  fi
  for i in "${!labels[@]}"; do
    sed "s/DISTURBED/$disturbed/" "$scratch/round_$i"
  done >>"$out/results.jsonl"
}

# Prints the estimated time: a run takes about two seconds more than it
# measures.
minutes() {
  local runs=$((${#workloads[@]} * ${#names[@]} * rounds))
  [[ -z $beside ]] || runs=$((runs * 2))
  awk -v runs=$runs -v quiet=$((${#workloads[@]} * rounds)) -v each="$seconds" \
    'BEGIN { printf "%.0f", (runs * (each + 2) + quiet) / 60 + 0.5 }'
}

echo "This takes about $(minutes) minutes, more if other work disturbs it." >&2
: >"$out/results.jsonl"
for workload in "${workloads[@]}"; do
  printf '\n== %s\n' "$workload" >&2
  retries_left=$retries
  fill_round "$workload"
  for ((round = 1; round <= rounds;)); do
    ! run_round || round=$((round + 1))
  done
done

"$root/scripts/compare_report.py" "$out"
