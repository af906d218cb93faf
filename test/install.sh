#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: three browsers, and
# Node.js for the type checker and the formatter. As root on Debian it does so
# by itself; elsewhere it says what to install, and fails.
set -euo pipefail
cd "$(dirname "$0")"

node_is_new() {
  [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 18 ]
}

# Prints the Debian packages to install: those whose program isn't there.
missing() {
  local program package
  while read -r program package; do
    command -v "$program" >/dev/null || echo "$package"
  done <<'END'
chromium chromium
firefox-esr firefox-esr
WebKitWebDriver webkit2gtk-driver
xvfb-run xvfb
xauth xauth
npm npm
END
  node_is_new || echo nodejs
}

mapfile -t packages < <(missing)
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && grep -qsx 'ID=debian' /etc/os-release; then
    echo "installing ${packages[*]}"
    apt_get() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" >/dev/null; }
    apt_get update
    apt_get install --yes --no-install-recommends "${packages[@]}"
    mapfile -t packages < <(missing)
  fi
  if [ ${#packages[@]} -gt 0 ]; then
    {
      echo 'The tests need these packages, named as Debian names them:'
      printf '  %s\n' "${packages[@]/%nodejs/nodejs (version 18 or newer)}"
      echo 'On Debian, as root or with sudo:'
      echo "  apt-get update && apt-get install ${packages[*]}"
      echo 'Elsewhere, install the programs that they hold: chromium, firefox-esr,'
      echo 'WebKitWebDriver with MiniBrowser, xvfb-run, xauth, node and npm.'
    } >&2
    exit 1
  fi
fi

# Compared by content: a clone's time stamps say nothing.
if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed-lock.json
fi
