# Read by quickstart.sh and test.sh (sh): what has to be installed, and how. Debian 12.
packages_build="build-essential cmake ninja-build pkg-config libevent-dev liblua5.4-dev libjansson-dev libpq-dev libsodium-dev libicu-dev
 libgmime-3.0-dev libcmark-gfm-dev libcmark-gfm-extensions-dev libcsv-dev libidn2-dev libpsl-dev libphonenumber-dev liblinear-dev libssl-dev libcurl4-openssl-dev zlib1g-dev libpango1.0-dev libqrencode-dev libhyphen-dev
 hyphen-de hyphen-en-us fonts-noto-core fonts-droid-fallback fonts-nanum fonts-symbola postgresql-15 ca-certificates curl"
packages_test="check python3 python3-dkim python3-nacl openssl iproute2 postfix dovecot-imapd dovecot-pop3d dovecot-lmtpd nginx haproxy caddy procps clang-tidy cppcheck valgrind faketime chromium poppler-utils zbar-tools openssh-server"
# What cannot be installed beside the others: OpenSMTPD, as a machine may have one mail server. Its files alone are put here.
packages_aside="opensmtpd"
packages_aside_folder=/opt/nurture-tests

# packages_quietly COMMAND…: without questions, and without starting the services that come with packages.
packages_quietly() {
	policy=/usr/sbin/policy-rc.d
	if [ ! -e "$policy" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
		trap 'rm -f /usr/sbin/policy-rc.d' EXIT
	fi
	result=0
	DEBIAN_FRONTEND=noninteractive "$@" || result=$?
	if [ "$(cat "$policy" 2>/dev/null)" = "$(printf '#!/bin/sh\nexit 101')" ]; then
		rm -f "$policy"
	fi
	trap - EXIT
	return $result
}

# packages_install NAME…: what is missing, without questions, and without starting services that come with it.
packages_install() {
	missing=""
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "Installing:$missing"
	export DEBIAN_FRONTEND=noninteractive
	if command -v debconf-set-selections >/dev/null; then
		echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
	fi
	apt-get update -q
	# shellcheck disable=SC2086
	packages_quietly apt-get install -q -y --no-install-recommends $missing
}

# packages_unpack NAME…: the files of packages whose installation would drive others out; nothing of them is run. Without them their tests are skipped.
packages_unpack() {
	for package in "$@"; do
		[ ! -e "$packages_aside_folder/$package" ] || continue
		echo "Unpacking: $package"
		work=$(mktemp -d)
		(cd "$work" && { apt-get download -q -o APT::Sandbox::User=root "$package" || { apt-get update -q && apt-get download -q "$package"; }; } &&
			dpkg-deb -x "$package"_*.deb files && chmod 755 files && mkdir -p "$packages_aside_folder" && mv files "$packages_aside_folder/$package") ||
			echo "Cannot fetch $package: going on without." >&2
		rm -rf "$work"
	done
}

# packages_upgrade NAME…: those that are there, to the newest patch level that the distribution has (trust page, section 6). Looks for news
# at most once a day; a machine that cannot look goes on with what it has.
packages_upgrade() {
	if [ -z "$(find /var/lib/apt/lists -maxdepth 0 -mtime -1)" ]; then
		apt-get -q -o Acquire::Retries=0 -o Acquire::http::Timeout=20 update || echo "Cannot look for newer packages: going on with these." >&2
	fi
	newer=$(apt-get -s -q install --only-upgrade --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p')
	[ -n "$newer" ] || return 0
	echo "Upgrading:" $newer
	packages_quietly apt-get install -q -y --only-upgrade --no-install-recommends "$@" || echo "Some packages could not be upgraded." >&2
}

# The system user that workers and the private database run as.
packages_user() {
	getent passwd nurture >/dev/null && return 0
	useradd --system --user-group --home-dir /var/lib/nurture --no-create-home --shell /usr/sbin/nologin nurture
}
