# make run     opens the platform on this machine, installing what is missing
# make test    runs every check and test
# make test-kubernetes   tests workspaces on the cluster that KUBECONFIG names (docs/kubernetes.md)
# make images  builds the images of workspaces and hub, and proves each (docs/admins/images.md); IMAGES names some
# make test-images        builds and proves them, and attacks the proof
# make bench   measures speed against named baselines
# make fuzz    looks for bytes that break the gateway's promises, SECONDS (default 120) for each part

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:

HOST ?= hdh.localhost
PORT ?= 8000
STATE ?= state
SECONDS ?= 120
IMAGES ?=

BIN := .venv/bin
DONE := .venv/.done
PIP := $(BIN)/pip --disable-pip-version-check
SOURCES := $(shell git ls-files -co --exclude-standard hdh_jupyter extensions jupyterhub_config.py setup.cfg pyproject.toml 2>/dev/null)
LAB_SOURCES := $(shell git ls-files -co --exclude-standard labextension 2>/dev/null)
LAB_BUILT := labextension/hdh_jupyter_labextension/package.json

# Tests that fill memory, processors and disks, and look whether others go on: nothing else runs beside them.
ALONE := tests/spawner/test_limits_attacks.py tests/spawner/test_limits_disk.py tests/spawner/test_uids.py tests/cgroups

.PHONY: run test lint unit browser test-kubernetes redteam images test-images fuzz bench clean install

run: install
	@exec $(BIN)/hdh-jupyter run --host=$(HOST) --port=$(PORT) --state=$(STATE)

install: $(DONE)/package $(DONE)/proxy

$(DONE)/system: scripts/install-system-packages
	@scripts/install-system-packages workspace
	@[ -x $(BIN)/python ] || { echo "Making the Python environment .venv"; python3 -m venv .venv; }
	@mkdir -p $(DONE) && touch $@

$(DONE)/python: setup.cfg constraints.txt scripts/requirements $(DONE)/system
	@echo "Installing the Python packages of the hub and of the workspaces (a few minutes the first time)"
	@$(PIP) install -q setuptools wheel
	@$(PIP) install -c constraints.txt -r <(scripts/requirements hub workspace) \
		| { grep --line-buffered -E '^(Collecting|Installing|Successfully)' | cut -c1-110 || true; }
	@$(BIN)/python -c "import jupyterhub, jupyterlab, torch"
	@touch $@

$(DONE)/proxy: $(DONE)/system
	@echo "Installing configurable-http-proxy, which routes browsers by project"
	@npm install --silent --no-fund --no-audit --global --prefix .venv configurable-http-proxy@5
	@touch $@

$(DONE)/node: labextension/package-lock.json $(DONE)/system
	@echo "Installing what builds the JupyterLab extension (a minute or two the first time)"
	@cd labextension && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

$(LAB_BUILT): $(LAB_SOURCES) $(DONE)/node $(DONE)/python
	@echo "Building the JupyterLab extension"
	@cd labextension && rm -rf hdh_jupyter_labextension && PATH="$(CURDIR)/$(BIN):$$PATH" npm run --silent build:prod
	@touch $@

$(DONE)/package: $(SOURCES) $(LAB_BUILT) $(DONE)/python
	@echo "Installing HDH-Jupyter"
	@rm -rf build .venv/share/jupyter/labextensions/@hdh
	@$(PIP) install -q --no-deps --no-build-isolation --force-reinstall .
	@rm -rf build *.egg-info
	@touch $@

$(DONE)/test: setup.cfg constraints.txt $(DONE)/python scripts/install-system-packages
	@scripts/install-system-packages tests
	@$(PIP) install -q -c constraints.txt -r <(scripts/requirements test fuzz)
	@touch $@

$(DONE)/provider: tests/auth/provider/package-lock.json $(DONE)/system
	@echo "Installing the identity provider that the tests of sign-in start"
	@cd tests/auth/provider && npm ci --no-fund --no-audit --loglevel=error
	@touch $@

test: lint unit browser redteam

lint: install $(DONE)/test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd labextension && npm run --silent lint

unit: install $(DONE)/test $(DONE)/provider
	cd labextension && npm run --silent test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m "not e2e and not images and not kubernetes and not redteam" $(ALONE)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m "not e2e and not images and not kubernetes and not redteam" -n 2 --dist loadfile \
		$(ALONE:%=--ignore=%)

browser: install $(DONE)/test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m e2e tests/e2e

test-kubernetes: install $(DONE)/test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m kubernetes tests/kubernetes

redteam: install $(DONE)/test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m redteam tests/redteam

fuzz: install $(DONE)/test
	@for target in $$($(BIN)/python -c "from tests.fuzz.targets import TARGETS; print(*TARGETS)"); do \
		echo "Fuzzing $$target for $(SECONDS) s"; \
		PYTHONPATH=extensions $(BIN)/python -m tests.fuzz.harness $$target build/fuzz/$$target \
			-max_total_time=$(SECONDS) -verbosity=0 -print_final_stats=1 -artifact_prefix=build/fuzz/; \
	done

images: install
	@$(PIP) install -q -c constraints.txt -r <(scripts/requirements images)
	@nice -n 10 $(BIN)/python -m scripts.images $(IMAGES)

test-images: images $(DONE)/test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -m images tests/images

bench: install $(DONE)/test
	$(BIN)/python -W ignore bench $(PART)

clean:
	rm -rf .venv build dist *.egg-info labextension/node_modules labextension/lib labextension/hdh_jupyter_labextension \
		tests/auth/provider/node_modules
