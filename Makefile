# run    the whole bank on this machine       test   everything that must hold
# lint   style, types, imports                fmt    make it so, where a tool can
# demo   the demo bank's data                 bench  one line a benchmark
# shell  Django's shell                       messages  the Chinese catalogue
# vendor what the browser gets from npm, as package-lock.json names it (needs Node)
#
# Needs Python >= 3.11 and nothing else: uv is fetched into var/ where it is missing.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
UV_VERSION := 0.13.9
UV := $(or $(shell command -v uv),$(CURDIR)/var/uv/bin/uv)
PY := .venv/bin/python
READY := .venv/.ready
MO := locale/zh_Hans/LC_MESSAGES/django.mo

export UV_PYTHON_DOWNLOADS := never
# Who compiles every module anew starts twice as late, and the suite starts many processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint fmt shell demo bench messages vendor
.DEFAULT_GOAL := run

run: $(READY) $(MO)
	@exec $(PY) -m config.supervisor

# Every step is taken, so that one run tells all that is wrong; pytest's words come last.
# Three processes on two cores: who waits for a telephone needs none. A test that hangs fails.
test: $(READY) $(MO)
	@failed=; \
	step() { name=$$1; shift; echo "== $$name"; "$$@" || failed="$$failed $$name,"; }; \
	step ruff .venv/bin/ruff check; \
	step format .venv/bin/ruff format --check; \
	step mypy .venv/bin/mypy .; \
	step imports .venv/bin/lint-imports --no-cache; \
	step migrations env DATABASE_URL=postgresql:///none?host=/none \
		$(PY) -W ignore manage.py makemigrations --check --dry-run; \
	step deploy env ALLOWED_HOSTS=bank.example DATABASE_URL=postgresql:///none?host=/none \
		SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_hex(32))') \
		PIN_KEY=$$($(PY) -c 'import secrets; print(secrets.token_hex(32))') \
		PAN_KEY=$$($(PY) -c 'import secrets; print(secrets.token_hex(32))') \
		$(PY) manage.py check --deploy --fail-level WARNING; \
	step pytest $(PY) -m pytest --timeout 600 -n 3 --dist loadfile -m "not slow and (freeswitch or not browser)" $(ARGS); \
	step browser $(PY) -m pytest --timeout 600 -n 2 --dist loadfile -m "browser and not slow and not freeswitch" $(ARGS); \
	step programs $(PY) -m tests.available; \
	if [ -n "$$failed" ]; then echo "FAILED:$${failed%,}"; exit 1; else echo "All is well."; fi

lint: $(READY)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy .
	.venv/bin/lint-imports --no-cache

fmt: $(READY)
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

shell: $(READY) $(MO)
	@$(PY) manage.py shell

demo: $(READY) $(MO)
	@$(PY) manage.py demo $(ARGS)

bench: $(READY) $(MO)
	@$(PY) -m benchmarks $(ARGS)

messages $(MO): $(wildcard locale/parts/*.po) | $(READY)
	@$(PY) -m config.messages

vendor:
	@npm ci --no-audit --no-fund && npm run --silent vendor

# Locked dependencies only, and only when the lock has changed.
$(READY): pyproject.toml uv.lock | $(UV)
	@echo "Installing what uv.lock names …"
	@$(UV) sync --locked --python "$(PYTHON)"
	@touch $@

$(CURDIR)/var/uv/bin/uv:
	@test -n "$(PYTHON)" || { echo "Bankline needs Python 3.11 or newer; none was found."; exit 1; }
	@echo "Fetching uv into var/uv …"
	@mkdir -p var
	@$(PYTHON) -m pip install --quiet --target var/uv uv==$(UV_VERSION) 2>/dev/null \
		|| { $(PYTHON) -m venv var/uv && var/uv/bin/pip install --quiet uv==$(UV_VERSION); } \
		|| { rm -rf var/uv; echo "Neither pip nor venv works here. On Debian: apt-get install python3-venv"; exit 1; }
