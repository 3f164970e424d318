#!/usr/bin/env bash
# What the tests need beside Python: a browser. Installed where that is allowed, otherwise the one line to run is said.
set -euo pipefail
command -v chromium >/dev/null 2>&1 && exit 0
line="apt-get update && apt-get install -y chromium"
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing the browser for the tests: $line"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  exit 0
fi
echo "The tests need a browser. Run once, then again make test:  sudo sh -c '$line'" >&2
exit 1
