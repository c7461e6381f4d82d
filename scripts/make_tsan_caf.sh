#!/usr/bin/env bash
# Builds the C++ Actor Framework with ThreadSanitizer from Debian's source
# package and installs it into a folder. Otherwise, ThreadSanitizer would report
# false races, since it would not see the atomic operations of CAF's mailboxes.
#
#   scripts/make_tsan_caf.sh FOLDER
#
# Does nothing if it is installed already. Takes about three minutes on two
# cores.
set -euo pipefail

prefix=$(realpath -m "$1")
version=$(dpkg-query -W -f '${source:Version}' libcaf-dev)
[[ ! -e $prefix/version || $(<"$prefix/version") != "$version" ]] || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Uses the source packages of the configured mirrors, in separate package lists.
mkdir -p "$work"/apt/{parts,lists/partial}
for file in /etc/apt/sources.list.d/*.sources; do
  [[ ! -e $file ]] || sed 's/^Types:.*/Types: deb-src/' "$file" \
    >"$work/apt/parts/${file##*/}"
done
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [[ ! -e $file ]] || sed -n 's/^deb /deb-src /p' "$file" \
    >"$work/apt/parts/${file##*/}.list"
done
apt=(apt-get -qq -o "Dir::Etc::sourcelist=/dev/null"
  -o "Dir::Etc::sourceparts=$work/apt/parts"
  -o "Dir::State::lists=$work/apt/lists" -o "APT::Sandbox::User=root")
"${apt[@]}" update
(cd "$work" && "${apt[@]}" source --tar-only --download-only \
  "actor-framework=$version")
mkdir "$work/caf"
tar -xf "$work"/*.orig.tar.* -C "$work/caf" --strip-components=1

# Includes <limits>, which one of CAF's headers uses without including it.
cmake -S "$work/caf" -B "$work/build" -G Ninja --log-level=WARNING \
  -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER=clang++-14 \
  -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
  -DCMAKE_CXX_FLAGS="-fsanitize=thread -O1 -gline-tables-only \
-fno-omit-frame-pointer -include limits -w" \
  -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
  -DCAF_BUILD_STATIC_ONLY=ON -DCAF_NO_AUTO_LIBCPP=ON -DCAF_NO_UNIT_TESTS=ON \
  -DCAF_NO_EXAMPLES=ON -DCAF_NO_TOOLS=ON -DCAF_NO_PYTHON=ON \
  -DCAF_NO_OPENCL=ON >/dev/null
cmake --build "$work/build" -j "$(nproc)"
cmake --install "$work/build" >/dev/null
for file in "$prefix"/lib/*_static.a; do # as FindCAF.cmake expects
  ln -sf "${file##*/}" "${file/_static/}"
done
echo "$version" >"$prefix/version"
