#!/bin/sh
# All faults as a random walk that prints its seed, with the oracle behind each (TRUST sections 1 and 3): for hours before a release. First
# the path-sensitive analyzer over the program and its plugins, which takes too long for etc/test.sh.
#
#   etc/soak.sh [--minutes N] [--seed S] [--only FAULT,…]
#   etc/soak.sh --kills N [--seed S]          the sender alone, killed N times while it sends
#   etc/soak.sh --withdrawals N [--seed S]    N leads that unsubscribe while their next mail is on its way
#   etc/soak.sh --capture [--rows N] [--away SECONDS] [--only NAME,…]   a million rows in and out, a gigabyte posted, no database for a minute, forms: figures
#   etc/soak.sh --mails [N]                   N mails (a million) through the whole channel to smtp-sink: memory as it goes, which should stay where it was
#
# Needs what etc/test.sh has installed. A fault that breaks a promise ends the walk with exit status 1 and the seed to repeat it.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
cmake -S "$here" -B "$here/build-soak" -G Ninja -DNURTURE_WERROR=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo >/dev/null
ninja -C "$here/build-soak" --quiet
export NURTURE_BUILD="$here/build-soak" NURTURE_SOURCE="$here"
if [ "${1-}" = --capture ]; then
	shift
	exec /usr/bin/python3 "$here/tests/integration/capture_load.py" "$@"
fi
if [ "${1-}" = --mails ]; then
	exec "$here/build-soak/bench/delivery_smtp" "${2:-1000000}" 50 20 grow
fi
(cd "$here" && etc/lint.sh deep build-soak core/*/*.c plugins/*/*.c) || [ $? -eq 77 ]
NURTURE_LONG=1 /usr/bin/python3 "$here/tests/integration/plugin_faults_test.py"
NURTURE_LONG=1 /usr/bin/python3 "$here/tests/integration/bank_test.py" || [ $? -eq 77 ]
exec /usr/bin/python3 "$here/tests/integration/soak.py" "$@"
