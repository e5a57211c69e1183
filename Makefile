# Two commands matter: `make run` builds the site from the shipped workspace, `make test` proves the program.
# Everything is installed into .venv from lock files with hashes; nothing else on the machine is touched,
# but for Debian packages (venv, chromium, faketime, and for make test-office LibreOffice) where apt-get may be used.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

# Installs Debian packages as root or with a sudo that asks nothing; fails silently elsewhere, and the caller says what is missing.
apt = if [ "$$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo -n"; else false; fi \
      && command -v apt-get >/dev/null && { $$as apt-get install -y -qq $(1) || { $$as apt-get update -qq && $$as apt-get install -y -qq $(1); }; } >.venv-apt.log 2>&1 \
      && rm -f .venv-apt.log

.PHONY: sample run test test-office quick fuzz chaos mutate bench check types serve screenshots lighthouse lock wheel clean help
.DEFAULT_GOAL := help

help:           ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: .venv/installed        ## install, run the shipped workspace, print where to look
	@$(BIN)/certledger run
	@echo
	@echo "To look at it in a browser: make serve"

serve: .venv/installed      ## look at the published site
	@$(BIN)/certledger serve

test: .venv/installed-for-tests browser check   ## everything: style, types, floors, tests in a real browser; a file of tests a core, and one more while a browser is waited for
	@command -v soffice >/dev/null || echo "LibreOffice is missing: the tests that recalculate the workbooks in it are skipped. make test-office installs it and runs them."
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $$(( $$(nproc) + 1 )) --dist loadfile --no-loadscope-reorder -rs

test-office: .venv/installed-for-tests office   ## LibreOffice recalculates an invoice, the year workbooks and the others; installs it
	@$(BIN)/python -m pytest -m office

quick: .venv/installed-for-tests   ## the inner loop: no browser, nothing slow
	@$(BIN)/python -m pytest -m "not browser and not slow"

YEARS := $(patsubst %,tests/laws/test_%_laws.py,money charge lot close vanishing invoice_book import decision) tests/laws/test_second_bookkeeper.py

fuzz: .venv/installed-for-tests   ## the laws of reading and of the money on many more examples, new ones each time, every one-byte mutant (two hours)
	@$(BIN)/python -m pytest --hypothesis-profile=fuzz tests/sources/test_damage_law.py tests/sources/test_columns_law.py tests/laws/test_notice_mail_laws.py tests/mailing/test_server.py tests/sources/test_notice_journal.py tests/unit/test_mutants.py
	@$(BIN)/python -m pytest --hypothesis-profile=years $(YEARS)

chaos: .venv/installed-for-tests   ## a run, and sending, killed at each of their points; full disks (half an hour)
	@$(BIN)/python -m pytest -m chaos tests/chaos

mutate: .venv/installed-for-tests   ## change the code of the money and the dates a little, in 9,000 places: which changes does no test notice? (an hour or two; goes on where it was stopped)
	@nice $(BIN)/python -m tests.mutation $(FLAGS)

bench: .venv/installed-for-tests   ## speed and memory of readers, figures, site and whole runs against what is promised: tests/benchmarks (half an hour)
	@$(BIN)/python -m tests.bench

check: .venv/installed-for-tests   ## ruff, format, mypy strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

expected: .venv/installed-for-tests   ## accept today's output of the small workspace as the expected one
	@$(BIN)/python -m pytest tests/flow/test_expected.py --update-expected

sample: .venv/installed     ## write the shipped sample anew: after a change of pipeline/sample, or of what an invoice looks like
	@rm -rf build/sample && $(BIN)/certledger sample build/sample
	@rm -rf data/inbox data/ledger && cp -r build/sample/data/inbox data/ && cp -r build/sample/data/entries build/sample/data/ledger data/
	@cp build/sample/certledger.toml . && cp build/sample/data/reference/agencies.csv data/reference/ && rm -rf build/sample

screenshots: .venv/installed-for-tests browser   ## every kind of page on four screens: pictures below reports/screenshots, and what axe finds on them
	@$(BIN)/python -m tests.browser.screenshots

lighthouse: .venv/installed-for-tests browser   ## what Lighthouse says of home, performance and inventory; needs Node, fetches it from npm
	@command -v npx >/dev/null || { echo "Node is missing: Lighthouse runs on it. Install it: sudo apt-get install npm"; exit 1; }
	@$(BIN)/python -m tests.browser.lighthouse

wheel: .venv/installed-for-tests   ## build the wheel below dist/
	@$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

lock:           ## resolve the pinned versions anew (needs uv); files without registry addresses
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	printf 'editables\nhatchling\n' | uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  -c requirements-dev.lock pyproject.toml - -o requirements.lock

clean:          ## remove what was installed and published
	rm -rf .venv reports/runs reports/latest reports/.lock dist build

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "certledger needs Python 3.11 or newer. If you have one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { $(call apt,python3-venv); } \
	  || { echo "Python's venv package is missing. Install it: sudo apt-get install python3-venv"; exit 1; }
	@echo "Making .venv"
	@$(PYTHON) -m venv .venv

.venv/installed: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing what certledger needs (about half a minute)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.venv/installed-for-tests: .venv/installed requirements-dev.lock
	@echo "Installing what the tests need"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: browser office expected
browser:
	@command -v chromium >/dev/null || { echo "Installing chromium"; $(call apt,chromium); } \
	  || echo "chromium is missing and may not be installed here: without CI=true the browser tests are skipped."
	@command -v faketime >/dev/null || { echo "Installing faketime"; $(call apt,faketime); } \
	  || echo "faketime is missing and may not be installed here: without CI=true the other-day test is skipped."

office:
	@command -v soffice >/dev/null || { echo "Installing LibreOffice (about 400 MB)"; $(call apt,libreoffice-calc-nogui); } \
	  || { echo "LibreOffice is missing and may not be installed here. Install it: sudo apt-get install libreoffice-calc-nogui"; exit 1; }
	@command -v soffice >/dev/null || { echo "libreoffice-calc-nogui brought no command soffice."; exit 1; }
