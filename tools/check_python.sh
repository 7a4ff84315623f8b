#!/bin/sh
# check_python.sh PYTHON: stops with what to do when the course cannot be installed with it.
python=$1

if ! command -v "$python" >/dev/null 2>&1; then
    echo "There is no '$python' on this machine; the course needs Python 3.11 or newer." >&2
    echo "Install it, or name another: make book PYTHON=/path/to/python3.11" >&2
    exit 1
fi

version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "'$python' is Python $version; the course needs Python 3.11 or newer." >&2
    echo "Install it, or name another: make book PYTHON=/path/to/python3.11" >&2
    exit 1
fi

# Debian splits this part of Python off, and venv fails without it only half-way.
if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    echo "'$python' cannot create a virtual environment: its venv module is not installed." >&2
    echo "On Debian or Ubuntu: apt install python3-venv  (or python$version-venv)" >&2
    exit 1
fi
