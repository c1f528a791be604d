# Read by quickstart.sh and test.sh (sh): what has to be installed, and how. Debian 12.
packages_build="build-essential cmake ninja-build pkg-config libevent-dev liblua5.4-dev libjansson-dev libpq-dev libsodium-dev libicu-dev
 libgmime-3.0-dev libcmark-dev libcsv-dev libidn2-dev libssl-dev postgresql-15 ca-certificates curl"
packages_test="check python3 openssl postfix nginx haproxy caddy procps clang-tidy cppcheck valgrind libcurl4-openssl-dev"

# packages_install NAME…: what is missing, without questions, and without starting services that come with it.
packages_install() {
	missing=""
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "Installing:$missing"
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	export DEBIAN_FRONTEND=noninteractive
	if command -v debconf-set-selections >/dev/null; then
		echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
	fi
	apt-get update -q
	# shellcheck disable=SC2086
	apt-get install -q -y --no-install-recommends $missing
	if [ "$(cat "$policy" 2>/dev/null)" = "$(printf '#!/bin/sh\nexit 101')" ]; then
		rm -f "$policy"
	fi
	trap - EXIT
}

# The system user that workers and the private database run as.
packages_user() {
	getent passwd nurture >/dev/null && return 0
	useradd --system --user-group --home-dir /var/lib/nurture --no-create-home --shell /usr/sbin/nologin nurture
}
