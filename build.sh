#!/usr/bin/env bash
# Builds, demonstrates and tests navigator-connect: `./build.sh help`.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
  cat <<'END'
usage: ./build.sh [verb] [flags]

  [-quick]       build dist/, which needs Go alone; -quick prints no sizes
  demo [flags]   build, then serve the demo
  test [flags]   build, then run every test; the flags are go test's,
                 such as -run TestBrowsers/chromium
  try ENGINE MODULE [CASE]
                 build, then run one module of cases, or one case, such as
                 try firefox match-ports; -watch runs it after each change
  unit           run the tests of what is pure in Node.js, in a second
  bench [flags]  build, then run the benchmark, -parts messages for a part
  simulate [flags]
                 build, then play lives in the simulator, -seconds 60 from
                 -seed 1; -mutants says what it finds, -coverage what it
                 reaches; test/simulator/README.md says more
  help           print this
END
}

fail() {
  echo "build.sh: $*" >&2
  exit 1
}

# With GOTOOLCHAIN=auto, Go's default, an older Go fetches the version that
# go.mod asks for, and is then new enough.
need_go() {
  command -v go >/dev/null || fail 'Go is missing: see https://go.dev/doc/install'
  local need have
  need=$(awk '$1 == "go" { print $2 }' go.mod)
  have=$(go env GOVERSION 2>/dev/null) || have=$(GOTOOLCHAIN=local go version | awk '{ print $3 }')
  have=${have#go}
  [ "$(printf '%s\n' "$need" "${have%% *}" | sort -V | head -n 1)" = "$need" ] ||
    fail "Go $need or newer is needed, this is $have: see https://go.dev/doc/install"
}

build() {
  need_go
  go run ./js/build "$@"
}

# Installs what the tests need, and says how long that took where it did. The
# Node.js that it may have brought comes before an older one.
install() {
  local before=$SECONDS
  test/install.sh
  [ $((SECONDS - before)) -lt 2 ] || echo "installing took $((SECONDS - before)) s"
  if [ -x test/.cache/node/bin/node ]; then PATH=$PWD/test/.cache/node/bin:$PATH; fi
}

# A verb whose folder this version of the repository lacks says so.
need_dir() {
  [ -d "$1" ] || fail "there is no $1/ yet"
}

case ${1-} in
  '' | -quick)
    build "$@"
    ;;
  demo)
    need_dir demo
    build -quick
    exec go run ./demo "${@:2}"
    ;;
  test)
    need_go
    install
    build -quick # TestQuality prints the sizes, and fails when they are too large
    exec go run ./test/suite "${@:2}"
    ;;
  try)
    need_go
    install
    exec go run ./test/try "${@:2}"
    ;;
  unit)
    install
    exec node --test test/unit/*.test.js
    ;;
  bench)
    need_go
    install
    build -quick
    exec go run ./test/bench "${@:2}"
    ;;
  simulate)
    need_go
    install
    build -quick
    case ${2-} in
      -mutants | -coverage) exec node "test/simulator/${2#-}.js" "${@:3}" ;;
    esac
    exec node test/simulator/main.js "${@:2}"
    ;;
  help | -h | --help)
    usage
    ;;
  *)
    echo "build.sh: there is no verb $1" >&2
    usage >&2
    exit 2
    ;;
esac
