# Two commands do everything on a fresh machine: `make reports` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROFILE ?= quick
JOBS ?= 2

.PHONY: reports test lab clean

reports: $(VENV)/.installed
	$(BIN)/ferstudy reports --profile $(PROFILE) --jobs $(JOBS)

test: $(VENV)/.installed
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses $(JOBS) --dist loadfile

lab: $(VENV)/.installed
	$(BIN)/jupyter lab --notebook-dir=notebooks --LabApp.default_url=/lab/tree/lessons/00_start_here.ipynb

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), f"ferstudy needs Python 3.11 or newer, this is {sys.version.split()[0]}; try: make PYTHON=python3.12"'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV)
