# `make` alone lists what can be done. Each line is one command; what is longer stands in tools/.
.DEFAULT_GOAL := help
.PHONY: help setup run empty test quick fast fix walls regions bench bench-large bench-spark demo
PYTEST = .venv/bin/python -m pytest

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## install everything into .venv and build the front end
	@tools/setup.sh

run: setup  ## start the site and its worker on this machine, with an invented community when the database is empty
	@.venv/bin/tongxing run --demo $(if $(PORT),--port $(PORT))

empty: setup  ## start without anything, in var/empty: the screen leads on from there
	@TONGXING_VAR=var/empty .venv/bin/tongxing run $(if $(PORT),--port $(PORT))

demo: setup  ## add the invented community to the database
	@.venv/bin/tongxing demo

test:  ## every test: on SQLite, on PostgreSQL, in a browser
	@tools/test.sh

quick:  ## every test but the slow ones, on SQLite, on PostgreSQL, in a browser
	@tools/test.sh quick

fast:  ## the tests without a browser, on SQLite, for while you work
	@tools/setup.sh dev && $(PYTEST) -n 2 -m "not browser and not slow" $(ARGS)

fix:  ## put code, templates and messages in order
	@tools/setup.sh dev && tools/fix.sh

walls:  ## what may import what, and the other habits that can be checked without running anything
	@tools/setup.sh dev && tools/walls.sh

regions:  ## fetch the codes of all places down to the village (180 MB), for `tongxing regions load`
	@npm ci --prefix frontend/regions --loglevel=error --ignore-scripts --no-audit --no-fund

bench-spark:  ## the same rolls and archives through Splink on a Spark cluster of two workers on this machine (slow)
	@tools/setup.sh spark && .venv/bin/python -m bench.spark

bench-large:  ## the same at 100,000 children on both databases and at a million on PostgreSQL (hours)
	@tools/setup.sh bench && .venv/bin/python -m bench --large

bench:  ## measure speed and size (minutes)
	@tools/setup.sh bench && .venv/bin/python -m bench
