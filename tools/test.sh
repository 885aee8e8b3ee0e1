#!/usr/bin/env bash
# Every test: on SQLite with a browser, then on PostgreSQL with the browser stories that matter there; first what is quick,
# then the slow ones. Ends with what ran and what did not.
#   tools/test.sh          everything
#   tools/test.sh quick    without the slow ones
# Works as root and as anybody; what only root can install is installed when we are root (or may sudo without asking).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
began=$SECONDS
tools/setup.sh dev || exit 1

# ── what the browser tests need from Debian ─────────────────────────────────────────────────────────────────────────

have_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable; } >/dev/null
have_font() { command -v fc-list >/dev/null && fc-list :lang=zh | grep -q .; }

missing=()
have_browser || missing+=(chromium)
have_font || missing+=(fonts-noto-cjk fontconfig)
if [ ${#missing[@]} -gt 0 ] && command -v apt-get >/dev/null; then
  as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; then
    echo "installing from Debian: ${missing[*]}"
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
      >"$log" 2>&1 </dev/null; then
      tail -5 "$log"
    fi
    rm -f "$log"
  fi
fi

# ── the runs ────────────────────────────────────────────────────────────────────────────────────────────────────────

reports=$(mktemp -d)
trap 'rm -rf "$reports"' EXIT
failed=0

run() {  # run NAME PYTEST-ARGUMENTS…
  local name=$1
  shift
  echo
  echo "── $name"
  .venv/bin/python -m pytest -q -n "${TEST_PROCESSES:-2}" --maxfail="${TEST_MAXFAIL:-25}" \
    --junitxml="$reports/$name.xml" -o "junit_suite_name=$name" "$@" </dev/null
  local code=$?
  if [ $code -eq 3 ] && [ "${again:-}" != "$name" ]; then  # pytest itself broke, before or between tests; no test failed
    echo "pytest ended in an error of its own; $name is run once more"
    again=$name run "$name" "$@"
    return
  fi
  [ $code -eq 5 ] && return  # nothing to run is said in the summary
  [ $code -eq 0 ] || failed=1
}

on_postgresql="not browser or both_databases"
run sqlite --database=sqlite -m "not slow"
run postgresql --database=postgresql -m "not slow and ($on_postgresql)"
if [ "${1:-}" != quick ]; then
  echo "$((SECONDS - began)) s so far; now the slow ones"
  run slow-sqlite --database=sqlite -m "slow and not large"
  run slow-postgresql --database=postgresql -m "slow and ($on_postgresql)"
fi

.venv/bin/python tools/summary.py "$reports" || failed=1
have_browser || echo "NOT RUN: everything in a browser. No Chromium here, and without root it cannot be installed: apt-get install chromium fonts-noto-cjk"
have_browser && ! have_font && echo "No Chinese font here: pages were tested, but their pictures show boxes. apt-get install fonts-noto-cjk"
echo "$((SECONDS - began)) s in all"
exit $failed
