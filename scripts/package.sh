#!/usr/bin/env bash
# Builds the Debian packages: build/package/packages/*.deb
#
#   scripts/package.sh
#
# DEBFULLNAME and DEBEMAIL name the maintainer in the packages.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup.sh package

options=()
if [[ -n ${DEBFULLNAME:-} && -n ${DEBEMAIL:-} ]]; then
  options=(-D "TROUPE_MAINTAINER=$DEBFULLNAME <$DEBEMAIL>")
fi
umask 022 # Modes of files in packages.
# In CI, this is the only build that compiles each source by itself, as a
# developer does. The others do not see this mistake.
cmake --preset package --log-level=WARNING "${options[@]}" \
  ${CI:+-D CMAKE_CXX_FLAGS=-Werror=shadow} >/dev/null
cmake --build --preset package -j "$(nproc)"
rm -rf build/package/packages
cpack --config build/package/CPackConfig.cmake >build/package/cpack.log || {
  cat build/package/cpack.log >&2
  exit 1
}
ls build/package/packages/*.deb
