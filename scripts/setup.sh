#!/usr/bin/env bash
# Installs missing packages that troupe needs.
#
#   scripts/setup.sh [build|package|test]
#
# build (default): packages for building and running
# package: also those for building Debian packages
# test: also packages for tests and checks
#
# Quick if nothing is missing. Supports Debian's package manager only; on other
# systems, it prints what to install.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ cmake ninja-build ccache libcaf-dev libboost1.81-dev
  nlohmann-json3-dev libutfcpp-dev libspdlog-dev libssl-dev zlib1g-dev
  prometheus-cpp-dev esbuild)
proxies=(nginx haproxy caddy) # The tests start them with their own settings.

case "${1:-build}" in
  build) ;;
  package) packages+=(dpkg-dev help2man) ;;
  test)
    packages+=(chromium libnss3-tools python3 python3-websockets lld clang-14
      clang-format-14 clang-tidy-14 libclang-rt-14-dev valgrind iproute2
      pyflakes3 shellcheck doxygen gcovr libcpp-jwt-dev curl
      python3-prometheus-client dpkg-dev help2man lintian pkg-config systemd
      "${proxies[@]}")
    # Keeps an existing Node.js.
    command -v node >/dev/null || packages+=(nodejs npm)
    ;;
  *)
    echo "usage: $0 [build|package|test]" >&2
    exit 2
    ;;
esac

give_up() {
  {
    echo "setup: $1"
    echo "Please install these, named here as Debian 12 does, and try again:"
    printf '  %s\n' "${packages[@]}"
  } >&2
  exit 1
}

for tool in apt-get dpkg-query; do
  command -v "$tool" >/dev/null || give_up "there is no $tool here."
done

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) \
    || status=unknown
  [[ $status == installed ]] || missing+=("$package")
done

if ((${#missing[@]} > 0)); then
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null \
      || give_up "installing packages takes root, and there is no sudo."
    as_root=(sudo)
  fi
  echo "setup: installing ${missing[*]}" >&2
  # systemd would start the proxies on fixed ports, at once and at each boot,
  # unless their units are masked. `systemctl unmask` undoes this.
  for package in "${missing[@]}"; do
    if [[ -d /run/systemd/system && " ${proxies[*]} " == *" $package "* ]]; then
      "${as_root[@]}" systemctl mask "$package.service" >&2
    fi
  done
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
fi

# npm writes .package-lock.json when it has installed the modules.
for folder in tests/system apps/bench/clients; do
  if [[ ${1:-build} == test ]] \
    && [[ ! $folder/node_modules/.package-lock.json \
      -nt $folder/package-lock.json ]]; then
    echo "setup: installing the Node.js modules of $folder" >&2
    npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error >&2
  fi
done
