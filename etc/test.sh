#!/bin/sh
# Everything there is to test, from a fresh clone, as root or with sudo: installs what the tests need, builds with warnings
# as errors, runs the unit tests under AddressSanitizer and UBSan, and then all tests.
#
#   etc/test.sh [ctest arguments, such as -R NAME]
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
if [ "$(id -u)" -eq 0 ]; then
	. "$here/etc/packages.sh"
	packages_install $packages_build $packages_test
	packages_unpack $packages_aside
	packages_upgrade $packages_build
	packages_user
else
	command -v sudo >/dev/null || { echo "Run this as root (there is no sudo here)." >&2; exit 1; }
	sudo -- sh -eu -c '. "$1/etc/packages.sh"; packages_install $packages_build $packages_test; packages_unpack $packages_aside; packages_upgrade $packages_build; packages_user' sh "$here"
fi

# build FOLDER TARGET -D…
build() {
	folder=$1
	target=$2
	shift 2
	mkdir -p "$folder"
	cmake -S "$here" -B "$folder" -G Ninja -DNURTURE_WERROR=ON "$@" >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; exit 1; }
	ninja -C "$folder" --quiet "$target"
}

jobs=$((2 * $(nproc))) # most tests wait for half of their time: for a lease to end, a deadline, a moment
echo "== build, warnings are errors"
build "$here/build-test" all -DCMAKE_BUILD_TYPE=Release
echo "== build with AddressSanitizer and UBSan"
build "$here/build-sanitize" unit_programs -DCMAKE_BUILD_TYPE=Debug -DNURTURE_SANITIZE=ON

status=0
echo "== unit tests under the sanitizers"
ctest --test-dir "$here/build-sanitize" --output-on-failure -j "$jobs" -R '^unit\.' || status=1
echo "== all tests"
ctest --test-dir "$here/build-test" --output-on-failure -j "$jobs" "$@" || status=1
[ $status -eq 0 ] || echo "Some tests failed: see above." >&2
exit $status
