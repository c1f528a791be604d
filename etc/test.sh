#!/bin/sh
# Everything there is to test, from a fresh clone, as root or with sudo: installs what the tests need, builds with warnings
# as errors, runs all tests and the linters, and then the unit tests under AddressSanitizer and UBSan.
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

gently= # what stands before a command that computes

# build FOLDER TARGET -D…
build() {
	folder=$1
	target=$2
	shift 2
	mkdir -p "$folder"
	cmake -S "$here" -B "$folder" -G Ninja -DNURTURE_WERROR=ON "$@" >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; exit 1; }
	$gently ninja -C "$folder" --quiet "$target"
}

lint() {
	found=0
	$gently "$here/etc/lint.sh" "$1" "$here/build-test" || found=$?
	case $found in
	0) echo "$1: nothing found" ;;
	77) echo "$1: not installed" ;;
	*) exit 1 ;;
	esac
}

jobs=$((2 * $(nproc))) # most tests wait for half of their time: for a lease to end, a deadline, a moment
echo "== build, warnings are errors"
build "$here/build-test" all -DCMAKE_BUILD_TYPE=Release

# What only computes and has no deadline takes what the tests leave of the processors. What it says comes when it has ended.
echo "== all tests; beside them the build with AddressSanitizer and UBSan, and the linters"
(
	gently='nice -n 19'
	build "$here/build-sanitize" unit_programs -DCMAKE_BUILD_TYPE=Debug -DNURTURE_SANITIZE=ON
	if [ $# -eq 0 ]; then
		lint tidy
		lint cppcheck
	fi
) >"$here/build-test/beside.log" 2>&1 &
beside=$!
trap 'kill $beside 2>/dev/null || :' EXIT

status=0
[ $# -gt 0 ] || set -- -E '^lint\.'
ctest --test-dir "$here/build-test" --output-on-failure -j "$jobs" "$@" || status=1
echo "== the build with AddressSanitizer and UBSan, and the linters"
wait $beside || status=1
cat "$here/build-test/beside.log"
echo "== unit tests under the sanitizers"
ctest --test-dir "$here/build-sanitize" --output-on-failure -j "$jobs" -R '^unit\.' || status=1
[ $status -eq 0 ] || echo "Some tests failed: see above." >&2
exit $status
