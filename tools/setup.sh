#!/usr/bin/env bash
# Installs what the project needs into .venv and frontend/node_modules and builds the front end.
#   tools/setup.sh          what `tongxing run` needs
#   tools/setup.sh dev      and what the tests need
#   tools/setup.sh bench    and what the benchmarks compare with
#   tools/setup.sh spark    what `tongxing run` needs, and Spark
# A step is skipped while what it depends on has not changed, so a second run takes less than a second.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
profile=${1:-run}
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV
# The machine's own certificates, where it has some: an office network may put its own authority in between.
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -e $authorities ]; then
  export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1} NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$authorities}
fi

stop() {
  printf '%s\n' "$*" >&2
  exit 1
}

digest() { cat -- "$@" | cksum | tr ' ' -; }

step() {  # step WORDS COMMAND…: run it and say how long it took; its parts are chained with && (set -e does not reach here)
  local words=$1 began=$EPOCHREALTIME
  shift
  "$@" || stop "make setup stopped at: $words"
  printf '  %-28s %5.1f s\n' "$words" "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }')"
}

# ── Python ──────────────────────────────────────────────────────────────────────────────────────────────────────────

find_python() {
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.11 python3.12 python3.13; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  stop "Python 3.11 or newer is needed and was not found. On Debian or Ubuntu: apt-get install python3 python3-venv"
}

make_environment() {
  local python
  python=$(find_python) || return
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "Python cannot make a virtual environment here. On Debian or Ubuntu: apt-get install python3-venv"
  "$python" -m venv --clear .venv
}

environment_works() {  # and was made in this folder: its programs carry the path they were made with
  .venv/bin/python -c '' 2>/dev/null && head -n 3 .venv/bin/pip 2>/dev/null | grep -qF "$PWD/.venv/bin"
}

install_packages() {
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-setup.txt &&
    .venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes "$@" &&
    # No build isolation: the build tool is the one locked above, nothing else is fetched.
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-build-isolation --no-deps --editable .
}

# Each lock holds the one before it at the same versions, so what the tests installed serves `make run` as well.
locks_of() {
  case $1 in
    run) echo requirements-setup.txt requirements.txt ;;
    dev) echo requirements-setup.txt requirements.txt requirements-dev.txt ;;
    bench) echo requirements-setup.txt requirements.txt requirements-dev.txt requirements-bench.txt ;;
    spark) echo requirements-setup.txt requirements.txt requirements-spark.txt ;;
    *) stop "tools/setup.sh knows run, dev, bench and spark, not '$1'" ;;
  esac
}

mark_of() {  # the folder belongs to the mark: a moved environment no longer works
  local locks
  locks=$(locks_of "$1")
  # shellcheck disable=SC2086
  echo "$PWD $(digest $locks pyproject.toml)"
}

installed() {
  local held
  for held in run dev bench spark; do
    case "$1$held" in devrun | benchrun | benchdev | devspark | benchspark | sparkrun | sparkdev | sparkbench) continue ;; esac
    [ "$(cat ".venv/installed-$held" 2>/dev/null)" = "$(mark_of "$held")" ] && return 0
  done
  return 1
}

lock=requirements.txt
[ "$profile" = run ] || lock=requirements-$profile.txt
locks_of "$profile" >/dev/null
if ! environment_works; then
  step "Python environment" make_environment
fi
if ! installed "$profile"; then
  step "Python packages" install_packages -r "$lock"
  mark_of "$profile" >".venv/installed-$profile"
fi

# ── words of the English screen ─────────────────────────────────────────────────────────────────────────────────────

for po in tongxing/locale/*/LC_MESSAGES/*.po; do
  if [ -f "$po" ] && ! [ "${po%.po}.mo" -nt "$po" ]; then
    step "English messages" .venv/bin/python tools/messages.py compile
    break
  fi
done

# ── front end ───────────────────────────────────────────────────────────────────────────────────────────────────────

need_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    stop "Node.js 20.19 or newer with npm is needed to build the style sheet and script, and was not found."
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    stop "Node.js 20.19 or newer is needed to build the style sheet and script; this one is $(node --version)."
}

install_node_packages() { npm ci --prefix frontend --loglevel=error --ignore-scripts --no-audit --no-fund; }
build_front_end() { npm run build --prefix frontend --silent; }

packages=$(digest frontend/package.json frontend/package-lock.json frontend/.npmrc)
if [ "$(cat frontend/node_modules/.installed 2>/dev/null)" != "$packages" ]; then
  need_node
  step "Node packages" install_node_packages
  echo "$packages" >frontend/node_modules/.installed
fi
built=$(find frontend/src frontend/build.mjs -type f | LC_ALL=C sort | xargs cat -- frontend/package-lock.json | cksum | tr ' ' -)
if [ "$(cat frontend/node_modules/.built 2>/dev/null)" != "$built" ] || ! [ -f tongxing/static/dist/app.css ]; then
  need_node
  step "style sheet and script" build_front_end
  echo "$built" >frontend/node_modules/.built
fi

# ── files as the server sends them: named by their content, compressed ──────────────────────────────────────────────

if [ "$profile" = run ]; then
  static=${TONGXING_VAR:-var}/static
  shown="$built $(digest requirements.txt)"
  if [ "$(cat "$static/.collected" 2>/dev/null)" != "$shown" ]; then
    step "static files" .venv/bin/django-admin collectstatic --settings tongxing.settings --no-input --clear --verbosity 0
    echo "$shown" >"$static/.collected"
  fi
fi
