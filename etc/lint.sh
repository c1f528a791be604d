#!/bin/sh
# The two linters over our own C files, as the build compiles them. What they find fails; what is off is off in .clang-tidy and
# etc/lint/, each with its reason.
#
#   etc/lint.sh tidy|deep|cppcheck BUILD [FILE…]      deep = tidy with the path-sensitive analyzer, five times as long
#
# Exit status 0 clean, 1 findings, 77 the linter is not installed.
set -eu

what=$1
build=$(cd "$2" && pwd)
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
jobs=$(nproc)

# What the build compiles, without what it generates.
files() {
	if [ $# -gt 0 ]; then
		printf '%s\n' "$@"
	else
		sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$build/compile_commands.json" | grep "^$here/\(core\|plugins\|tests\)/" | sort -u
	fi
}

case $what in
tidy | deep)
	command -v clang-tidy >/dev/null || exit 77
	checks=
	[ "$what" = deep ] || checks=-clang-analyzer-*
	# One process a file: with several, version 14 takes va_start of all but the first for unknown.
	files "$@" | xargs -P "$jobs" -n 1 sh -c 'clang-tidy -p "$0" --quiet --checks="$1" "$2" 2>/dev/null || exit 1' "$build" "$checks" || exit 1
	;;
cppcheck)
	command -v cppcheck >/dev/null || exit 77
	cppcheck --project="$build/compile_commands.json" --enable=warning,performance,portability --std=c11 -j "$jobs" --quiet \
		--library="$here/etc/lint/cppcheck.cfg" --suppressions-list="$here/etc/lint/cppcheck.suppress" --error-exitcode=1
	;;
*)
	sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
