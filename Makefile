# `make run` and `make test` do all the set-up themselves; the README says what else there is.

PYTHON ?= python3
PORT ?= 8000
TESTS ?= tests
UV := .tools/bin/uv
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1

.PHONY: run test lint unit browser notebooks proof bench messages lock clean

# -- environment ----------------------------------------------------------------------------------

$(UV):
	$(PYTHON) -m venv .tools
	.tools/bin/pip install -q 'uv==0.13.9'

.venv/bin/python: | $(UV)
	$(UV) venv -q --python $(PYTHON) .venv

# test.txt holds everything that run.txt holds, at the same versions.
.venv/.run: requirements/run.txt | .venv/bin/python
	test -e .venv/.test || $(UV) pip install -q --compile-bytecode --require-hashes -r requirements/run.txt
	touch $@

.venv/.test: requirements/test.txt | .venv/bin/python
	$(UV) pip install -q --compile-bytecode --require-hashes -r requirements/test.txt
	touch $@

.venv/.bench: requirements/bench.txt | .venv/.test
	$(UV) pip install -q --compile-bytecode --require-hashes -r requirements/bench.txt
	touch $@

var/secret-key:
	mkdir -p var
	umask 077 && $(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))" > $@

var/vault-key:
	mkdir -p var
	umask 077 && $(PYTHON) -c "import secrets; print(secrets.token_urlsafe(32))" > $@

# -- the demonstration ----------------------------------------------------------------------------

run: export DEMO := 1
run: export SECRET_KEY = $(shell cat var/secret-key)
run: export VAULT_KEYS_FILE := var/vault-key
run: .venv/.run var/secret-key var/vault-key
	$(MANAGE) catalogue --compile
	$(MANAGE) migrate -v 0
	$(MANAGE) createcachetable
	$(MANAGE) load_reference
	$(MANAGE) load_demo --if-empty
	$(MANAGE) nightly
	@echo; echo "Korak stands at http://127.0.0.1:$(PORT)/ - Ctrl-C stops it."; echo
	@$(MANAGE) db_worker --queue-name '*' & worker=$$!; trap 'kill $$worker' EXIT; \
	$(BIN)/gunicorn --no-control-socket --workers 1 --threads 4 -b 127.0.0.1:$(PORT) backend.config.wsgi

# -- checks ---------------------------------------------------------------------------------------

test: lint unit browser notebooks

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	DEBUG=1 $(BIN)/mypy backend matching
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint backend/web/templates
	DEBUG=1 $(MANAGE) makemigrations --check --dry-run
	DEBUG=1 $(MANAGE) check
	DEBUG=1 $(MANAGE) catalogue --check
	SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))") ALLOWED_HOSTS=localhost \
	  VAULT_KEYS=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(32))") \
	  $(MANAGE) check --deploy --fail-level WARNING
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

unit: .venv/.test
	DEBUG=1 $(MANAGE) catalogue --compile
	$(BIN)/pytest -q -n auto -m "not browser and not proof" $(TESTS)

browser: .venv/.test
	DEBUG=1 $(MANAGE) catalogue --compile
	$(BIN)/pytest -q -m browser tests/browser

notebooks: .venv/.test
	DEBUG=1 $(MANAGE) catalogue --compile
	$(BIN)/pytest -q --nbmake --nbmake-timeout=600 notebooks

# The long proofs of what must never happen; PROOF_SIZE=10 tries ten times as many cases. Each prints one line at the end.
proof: .venv/.test
	DEBUG=1 $(MANAGE) catalogue --compile
	$(BIN)/pytest -q -n auto --dist worksteal -m proof $(TESTS)

bench: .venv/.bench
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.outcomes
	$(BIN)/python -m benchmarks.curves

# -- upkeep ---------------------------------------------------------------------------------------

# Collects new strings into backend/locale/sr_Cyrl/LC_MESSAGES/django.po; Latin is derived from it.
messages: .venv/.test
	DEBUG=1 $(MANAGE) catalogue --collect

LOCK := $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml --extra postgres
lock: | $(UV)
	$(LOCK) -o requirements/run.txt
	$(LOCK) --extra scale -c requirements/run.txt -o requirements/scale.txt
	$(LOCK) --extra scale --group test --group quality -c requirements/scale.txt -o requirements/test.txt
	$(LOCK) --extra scale --group test --group quality --group bench -c requirements/test.txt -o requirements/bench.txt

clean:
	rm -rf .venv .tools var staticfiles
