#!/usr/bin/env bash
# Puts code in order, and the English messages in step with code and templates.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
.venv/bin/ruff check --quiet --fix-only .
.venv/bin/ruff format --quiet .
.venv/bin/ruff check .
left=$?
.venv/bin/djlint tongxing --lint --quiet || left=1
.venv/bin/python tools/messages.py || left=1
exit $left
