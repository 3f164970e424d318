#!/usr/bin/env bash
# What the tests need beside Python: a browser, the system's PostgreSQL (the embedded one has no TLS), MariaDB with its ODBC driver,
# FreeTDS's for SQL Server, LibreOffice as a third writer of workbooks, and what docs/cai-dat.md installs: age, nginx, and systemd's look
# at the units. Installed where that is allowed, otherwise the one line to run is said.
set -euo pipefail
needed=()
command -v chromium >/dev/null 2>&1 || needed+=(chromium)
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || compgen -G '/usr/pgsql-*/bin/initdb' >/dev/null ||
  command -v initdb >/dev/null 2>&1 || needed+=(postgresql)
command -v mariadbd >/dev/null 2>&1 || [ -x /usr/sbin/mariadbd ] || needed+=(mariadb-server)
ldconfig -p 2>/dev/null | grep -q 'libodbc\.so\.2' || needed+=(unixodbc)
compgen -G '/usr/lib*/*/odbc/libmaodbc.so' >/dev/null || compgen -G '/usr/lib*/libmaodbc.so' >/dev/null || needed+=(odbc-mariadb)
compgen -G '/usr/lib*/*/odbc/libtdsodbc.so' >/dev/null || compgen -G '/usr/lib*/libtdsodbc.so' >/dev/null || needed+=(tdsodbc)
command -v soffice >/dev/null 2>&1 || needed+=(libreoffice-calc)
command -v age-keygen >/dev/null 2>&1 || needed+=(age)
command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ] || needed+=(nginx-light)
command -v systemd-analyze >/dev/null 2>&1 || needed+=(systemd)
[ ${#needed[@]} = 0 ] && exit 0
line="apt-get update && apt-get install -y ${needed[*]}"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing what the tests need: $line"
  # The package would make a cluster and start it, where the system starts services: the tests make their own.
  conf=/etc/postgresql-common/createcluster.conf
  if [[ " ${needed[*]} " = *" postgresql "* ]] && [ ! -e "$conf" ]; then
    mkdir -p "${conf%/*}" && echo 'create_main_cluster = false' >"$conf"
  fi
  # So would those of MariaDB and nginx, which ask this file first.
  policy=/usr/sbin/policy-rc.d
  if [[ " ${needed[*]} " = *" mariadb-server "* || " ${needed[*]} " = *" nginx-light "* ]] && [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Options::=--force-confold "${needed[@]}" >/dev/null
  exit 0
fi
echo "The tests need: ${needed[*]}. Run once, then again make test:  sudo sh -c '$line'" >&2
exit 1
