#!/bin/sh
# A plugin is built outside the tree against what `cmake --install` puts down, and nothing else; then the kit runs on it.
set -eu
work=$(mktemp -d /tmp/nurture-install-XXXXXX)
trap 'rm -rf "$work"' EXIT INT TERM
cmake --install "$NURTURE_BUILD" --prefix "$work/usr" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
test -x "$work/usr/bin/nurture"
# self-contained: each header alone, as C and as C++, with all warnings
for header in "$work"/usr/include/nurture/*.h; do
	printf '#include <nurture/%s>\nint main(void) { return 0; }\n' "${header##*/}" >"$work/alone.c"
	cc -std=c11 -Wall -Wextra -Werror -pedantic -I"$work/usr/include" -fsyntax-only "$work/alone.c"
	if command -v c++ >/dev/null; then c++ -x c++ -Wall -Wextra -Werror -I"$work/usr/include" -fsyntax-only "$work/alone.c"; fi
done
cp "$NURTURE_SOURCE"/tests/plugin/puppet* "$work"
cc -shared -fPIC -fvisibility=hidden -D_GNU_SOURCE -Wall -Wextra -Werror -I"$work/usr/include" -o "$work/puppet.so" "$work"/puppet*.c $(pkg-config --cflags --libs jansson)
"$work/usr/bin/nurture" plugin check "$work/puppet.so" --settings '{"act": "send"}'
if "$work/usr/bin/nurture" plugin check "$work/puppet.so" --settings '{"act": "crash"}' >"$work/crash" 2>&1; then
	echo "a plugin that crashes passed"; cat "$work/crash"; exit 1
fi
grep -q "FAILED.*completes a touch once.*crashed in deliver (Aborted)" "$work/crash"
echo "ok    a plugin is built against the installed headers and keeps the contract"
# the guide's own plugin, as a newcomer would copy it out, by the guide's own commands
sed -n '/^```c$/,/^```$/p' "$NURTURE_SOURCE/include/nurture/README.md" | sed '1d;$d' >"$work/tray.c"
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name nurture-plugin.pc)")
export PKG_CONFIG_PATH
cd "$work"
sed -n 's/^cc -shared .*/& -Wextra -Werror/p' "$NURTURE_SOURCE/include/nurture/README.md" >build.sh
sh -eu build.sh
PATH=$work/usr/bin:$PATH nurture plugin check tray.so --settings '{"folder": "."}' | tee guide
grep -q " 0 broken, 0 not tried" guide
echo "ok    the plugin of the guide is built by its commands and keeps every promise"
