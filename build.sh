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
  bench [flags]  build, then run the benchmark, -parts messages for a part
  simulate [flags]
                 run the simulators of the registry and of the link; -steps N
                 says how long, -seed S where to begin
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

# A verb whose folder this version of the repository lacks says so.
need_dir() {
  [ -d "$1" ] || fail "there is no $1/ yet"
}

# Prints what the tests say, and keeps for the end what those said that failed,
# and how each package fared.
summarize() {
  local line name=none failed='' packages=''
  local -A said=()
  while IFS= read -r line; do
    case $line in
      '=== '*)
        read -r _ _ name <<<"$line"
        name=${name:-none}
        continue
        ;;
      ok[[:space:]]* | FAIL[[:space:]]* | FAIL | '?'[[:space:]]*)
        packages+=$line$'\n'
        continue
        ;;
    esac
    printf '%s\n' "$line"
    if [[ $line =~ ^\ *---\ FAIL:\ ([^ ]+) ]]; then
      failed+=$line$'\n'${said[${BASH_REMATCH[1]}]-}
    elif [[ $line =~ ^\ *---\  ]]; then
      name=none
    else
      said[$name]+=$line$'\n'
    fi
  done
  printf '%s' "$failed" "$packages" >>"$summary"
}

# One package at a time, and as many browsers as two cores bear: mostly they wait.
run_tests() {
  go test -v -count=1 -p=1 -parallel=4 -timeout=60m "$@" 2>&1 | summarize
}

# So many inputs of each, beyond those in the source: what is found stays there for the next time.
fuzz_all() {
  local target
  for target in FuzzDecode FuzzRegistry; do
    run_tests ./polyfill -run '^$' -fuzz "^$target\$" -fuzztime 20000x
  done
}

# What measures has the machine to itself. TestLong takes minutes in which it
# mostly waits: beside the others.
run_all_tests() {
  local out=$temporary/long long status=0
  # Of what nobody may find out by the time it takes, mostly waits, too: all of it at once.
  run_tests ./test -run '^TestTimes$' -parallel=9 || status=$?
  set -m # so that what goes on beside is a group, and ends with us
  run_tests ./test -run '^TestLong$' >"$out" &
  long=$!
  set +m
  # By the end it has ended, mostly; that is no failure.
  trap "kill -- -$long 2>/dev/null || true; rm -r $temporary" EXIT
  fuzz_all || status=$?
  run_tests ./... -skip '^(TestLong|TestTimes)$' || status=$?
  wait $long || status=$?
  cat "$out"
  return $status
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
    test/install.sh
    build -quick # TestQuality prints the sizes, and fails when they are too large
    go vet ./...
    temporary=$(mktemp -d)
    trap 'rm -r "$temporary"' EXIT
    summary=$temporary/summary
    status=0
    if [ $# -gt 1 ]; then
      run_tests ./... "${@:2}" || status=$?
    else
      run_all_tests || status=$?
    fi
    cat "$summary"
    exit $status
    ;;
  bench)
    need_go
    test/install.sh
    build -quick
    exec go run ./test/bench "${@:2}"
    ;;
  simulate)
    need_go
    go run ./polyfill/simulate "${@:2}"
    exec go run ./test/link "${@:2}"
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
