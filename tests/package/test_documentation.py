"""Every public name says what it does; the page of the package lists every public module."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import lstm_course

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    info.name
    for info in pkgutil.walk_packages(lstm_course.__path__, "lstm_course.")
    if not any(part.startswith("_") for part in info.name.split("."))
)


def public(module) -> dict[str, object]:
    return {
        name: member
        for name, member in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(member) or inspect.isclass(member))
        and member.__module__ == module.__name__
    }


@pytest.mark.parametrize("name", MODULES)
def test_documented_and_annotated(name):
    module = importlib.import_module(name)
    assert inspect.getdoc(module), name
    for label, member in public(module).items():
        assert member.__doc__, f"{name}.{label}"
        assert not member.__doc__.startswith(f"{label}("), (
            f"{name}.{label} has no docstring of its own"
        )
        if inspect.isfunction(member) and name != "lstm_course.kernels.loops":  # arrays, for numba
            bare = [
                parameter.name
                for parameter in inspect.signature(member).parameters.values()
                if parameter.annotation is inspect.Parameter.empty
            ]
            assert bare == [], f"{name}.{label}"
            assert inspect.signature(member).return_annotation is not inspect.Signature.empty
        elif inspect.isclass(member):
            source = inspect.getsource(member)
            for field in getattr(member, "_fields", ()):
                line = next(x for x in source.splitlines() if x.strip().startswith(f"{field}:"))
                assert "#:" in line, f"{name}.{label}.{field}: the page shows what stands after #:"
            for attribute, value in vars(member).items():
                if inspect.isfunction(value) and not attribute.startswith("_"):
                    assert inspect.getdoc(getattr(member, attribute)), f"{name}.{label}.{attribute}"


def test_the_page_of_the_package_has_every_part():
    page = (ROOT / "book" / "api.md").read_text(encoding="utf-8")
    parts = {name.removeprefix("lstm_course.").split(".")[0] for name in MODULES}
    missing = [part for part in sorted(parts - {"checks"}) if f"lstm_course.{part}" not in page]
    assert missing == []
