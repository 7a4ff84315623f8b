# The one way to do each thing. `make help` lists them.

PYTHON ?= python3
PORT ?= 8000

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
GRADING := $(VENV)/.grading
COLAB := $(VENV)/colab/.installed
VENDORED := vendor/_static/vendor/mathjax/tex-chtml.js
SITE := _build/html
BUILT := $(SITE)/.built
# Folders count too: their time changes when a page is removed.
SOURCES := _config.yml _toc.yml third_party.toml $(shell find book/. lstm_course/. _ext/. _static/. -name __pycache__ -prune -o \
	-name .ipynb_checkpoints -prune -o -print)

.PHONY: help book serve notebooks pdf assignments grade repository test hosted bench lighthouse lock clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

book: $(BUILT) ## build the site into _build/html (installs what it needs on the first run)
	@echo
	@echo "The book is built. Open $(CURDIR)/$(SITE)/index.html in a browser, or run: make serve"

serve: $(BUILT) ## build the site and serve it on this machine (PORT=8000)
	@$(PY) tools/serve.py --port "$(PORT)"

notebooks: $(INSTALLED) ## run every chapter again and store its outputs; draw the other pages' figures
	@$(PY) tools/figures.py
	@$(PY) tools/notebooks.py

ifeq ($(filter grade,$(MAKECMDGOALS))|$(SUBMISSIONS)$(ARGS),grade|)
$(error Nothing was done. Usage: make grade SUBMISSIONS=dir OUT=dir)
endif

pdf: $(INSTALLED) $(VENDORED) ## print the whole book into _build/lstm-course.pdf (minutes; needs Chromium)
	@$(PY) tools/pdf.py

assignments: $(GRADING) ## make the student notebooks, book/exercises/, from exercises/
	@$(PY) tools/assignments.py

grade: $(GRADING) ## grade a folder of notebooks (SUBMISSIONS=dir OUT=dir, ARGS="--help" for more)
	@$(PY) -m grading $(if $(SUBMISSIONS),"$(SUBMISSIONS)") $(if $(OUT),"$(OUT)") $(ARGS)

repository: $(INSTALLED) ## point a fork at itself everywhere (URL=https://github.com/OWNER/NAME)
	@$(PY) tools/repository.py "$(URL)"

test: $(BUILT) $(COLAB) $(GRADING) ## check everything: style, package, every number in the book, the built site
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg -n 2 --dist loadfile -q \
		--ignore book/exercises book
	@$(PY) -m pytest -n 2 --dist loadgroup -q

hosted: $(COLAB) $(GRADING) ## run every chapter to its end as in Colab, with Colab's versions (minutes)
	@$(PY) -m pytest -n 2 --dist loadgroup -q -m "hosted or not hosted" tests/hosted

bench: $(INSTALLED) ## compare the layers' speed with torch.nn's (minutes; stores benchmarks/layers.json)
	@$(PY) benchmarks/layers.py

lighthouse: $(BUILT) ## have Lighthouse judge the site (minutes; stores benchmarks/lighthouse.json)
	@$(PY) tools/lighthouse.py

lock: ## write requirements.txt anew from requirements.in
	@sh tools/check_python.sh "$(PYTHON)"
	@$(PYTHON) tools/lock.py

clean: ## remove everything that make made
	rm -rf $(VENV) _build vendor vendor.part node_modules *.egg-info
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .pytest_cache .ruff_cache .hypothesis

# The stamp is removed first and written last, so that a half-done install is done again from zero.
$(INSTALLED): requirements.txt pyproject.toml
	@sh tools/check_python.sh "$(PYTHON)"
	@if [ ! -e $@ ]; then rm -rf $(VENV); $(PYTHON) -m venv $(VENV) || exit 1; fi
	@rm -f $@
	@echo "Installing the packages of requirements.txt into $(VENV) (minutes on the first run) ..."
	@$(PY) -m pip install --quiet --requirement requirements.txt || { \
		echo "pip could not install the packages (the reason is above). This step needs the" >&2; \
		echo "network once: connect, or point pip at your mirror, and run the same again." >&2; \
		exit 1; }
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(PY) -c "import matplotlib.font_manager"
	@touch $@

$(GRADING): requirements-grading.txt $(INSTALLED)
	@echo "Installing the packages of requirements-grading.txt into $(VENV) ..."
	@$(PY) -m pip install --quiet --requirement requirements-grading.txt
	@touch $@

$(COLAB): tests/hosted/colab.txt tools/colab.py requirements.txt | $(INSTALLED)
	@$(PY) tools/colab.py $(@D)
	@touch $@

$(VENDORED): package-lock.json .npmrc tools/vendor.py | $(INSTALLED)
	@$(PY) tools/vendor.py

# Always from zero: Sphinx repeats the warnings of unchanged pages only then.
$(BUILT): $(SOURCES) $(INSTALLED) $(VENDORED)
	@rm -rf _build
	@$(VENV)/bin/jupyter-book build . -W -n --keep-going -q
	@touch $@
