#!/bin/sh
# Nurture from a fresh Debian 12 to a running server: packages, build, database, sample playbook, sample leads.
# Started again it is up at once and keeps its data. Ctrl-C stops everything.
#
#   etc/quickstart.sh [--config FILE] [--time-scale N] [--watch]
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "Run this as root (there is no sudo here)." >&2; exit 1; }
	exec sudo -- "$here/etc/quickstart.sh" "$@"
fi
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8

config=/etc/nurture/nurture.conf
serve=""
while [ $# -gt 0 ]; do
	case $1 in
	--config) [ $# -ge 2 ] || { echo "--config needs a file." >&2; exit 2; }; config=$(realpath -m "$2"); shift 2 ;;
	--config=*) config=$(realpath -m "${1#--config=}"); shift ;;
	--time-scale) [ $# -ge 2 ] || { echo "--time-scale needs a number." >&2; exit 2; }; serve="$serve --time-scale $2"; shift 2 ;;
	--time-scale=*) serve="$serve --time-scale ${1#--time-scale=}"; shift ;;
	--watch) serve="$serve --watch"; shift ;;
	-h | --help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
	*) echo "quickstart.sh does not know $1. It takes --config FILE, --time-scale N and --watch." >&2; exit 2 ;;
	esac
done

. "$here/etc/packages.sh"
packages_install $packages_build
[ -n "${NURTURE_BUILD:-}" ] || packages_upgrade $packages_build
packages_user

build=${NURTURE_BUILD:-$here/build-release} # tests have built already
if [ ! -e "$build/build.ninja" ]; then
	mkdir -p "$build"
	cmake -S "$here" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF >"$build/configure.log" 2>&1 ||
		{ cat "$build/configure.log" >&2; exit 1; }
fi
echo "Building (the first time takes a minute or two) ..."
ninja -C "$build" --quiet
nurture=$build/core/nurture

if [ ! -e "$config" ]; then
	mkdir -p "$(dirname "$config")"
	{
		cat "$here/etc/nurture.conf"
		printf '\n-- Written by quickstart.sh: the sample playbook, where it was cloned.\nplaybook = "%s/scripts"\n' "$here"
	} >"$config"
	echo "Wrote $config."
fi
book=$(sed -n 's/^playbook = "\(.*\)"$/\1/p' "$config" | tail -n 1)
if [ -n "$book" ] && [ ! -d "$book" ]; then
	echo "The playbook's folder $book is gone (was it a clone that you removed?). Say where it is now: playbook = \"...\" in $config," >&2
	echo "for the sample of this clone: sed -i 's|^playbook = .*|playbook = \"$here/scripts\"|' $config" >&2
	exit 1
fi
value() { "$nurture" config --config "$config" | sed -n "s/^$1 = \"\(.*\)\"\$/\1/p"; }
data=$(value data_dir)
listen=$(value listen)
[ -n "$data" ] || exit 1 # nurture said what is wrong with the configuration

if [ "$("$nurture" revisions --json --config "$config" | tr -d '[:space:]')" = "[]" ]; then
	playbook=$(value playbook)
	"$nurture" publish "${playbook:-$here/scripts}" -m "quickstart" --yes --config "$config"
	"$nurture" import "$here/etc/sample/leads.csv" --map "$here/etc/sample/leads.lua" --rejects "$build/sample-refused.csv" --config "$config"
fi

# The server is a child: Ctrl-C reaches it too, and we wait until it has stopped.
"$nurture" serve --config "$config" $serve &
server=$!
trap 'kill -TERM $server 2>/dev/null || :' TERM HUP
trap ':' INT

case $listen in unix:*) url="--unix-socket ${listen#unix:} http://localhost" ;; *) url="http://$listen" ;; esac
tries=0
# Ours is ready when the lock says that it is ours: another server may listen there.
until [ "$(head -n 1 "$data/run/serve.lock" 2>/dev/null)" = "$server" ] && curl -fsS -o /dev/null $url/readyz 2>/dev/null; do
	kill -0 $server 2>/dev/null || { wait $server; exit $?; }
	tries=$((tries + 1))
	[ $tries -lt 300 ] || { echo "The server is not ready after a minute: see its log above." >&2; break; }
	sleep 0.2
done

sudo=""
[ -z "${SUDO_USER:-}" ] || sudo="sudo "
with=""
[ "$config" = /etc/nurture/nurture.conf ] || with=" --config $config"
cat <<END

Nurture runs on $listen. In another terminal, as it stands here:

  # a token for the programs that send us leads and events
  TOKEN=\$($sudo$nurture token create --scope write --name quickstart$with)

  # a lead in
  curl -sS $url/v1/leads -H "Authorization: Bearer \$TOKEN" -H 'Content-Type: application/json' \\
    -d '{"email": "grace@example.net", "first_name": "Grace", "company": "Example Shipping", "country": "US", "phone": "+1 202 555 0108", "role": "executive", "time_zone": "America/New_York"}'

  # an event in: she downloads a white paper
  curl -sS $url/v1/events -H "Authorization: Bearer \$TOKEN" -H 'Content-Type: application/json' \\
    -d '{"email": "grace@example.net", "verb": "asset.download", "subject": "security-guide"}'

  # her score, explained rule by rule; her timeline; how it all stands
  $sudo$nurture score grace@example.net --explain$with
  $sudo$nurture lead grace@example.net$with
  $sudo$nurture status$with

  # her first e-mail
  ${sudo}sh -c 'cat $data/outbox/new/*'

Ctrl-C stops everything; started again it goes on where it was.
END

status=0
wait $server || status=$?
while [ $status -gt 128 ] && kill -0 $server 2>/dev/null; do # a signal to us ended the waiting, not the server
	status=0
	wait $server || status=$?
done
[ $status -le 128 ] || echo "The server was killed (signal $((status - 128))). Start it again: it goes on where it was." >&2
exit $status
