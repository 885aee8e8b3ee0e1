#!/usr/bin/env bash
# What may be said about the code without running the product: imports, lint, the house's own habits.
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
left=0
.venv/bin/lint-imports --no-logo || left=1
.venv/bin/ruff check . || left=1
.venv/bin/ruff format --check --quiet . || { echo "some files are not formatted: make fix"; left=1; }
.venv/bin/djlint tongxing --lint --quiet || left=1
.venv/bin/python -m pytest -q tests/test_house.py tests/test_repository.py tests/test_words.py || left=1
exit $left
