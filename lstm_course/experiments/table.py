"""The comparison: how many nets succeeded, after how many sequences, and what the paper says."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from statistics import median
from typing import Any

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from lstm_course.experiments import catalogue


def table(results: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """A line for each row of the catalogue that has results, all seeds of it together.

    ``solved`` of ``seeds``, the Wilson interval (95 %) of the rate, the median number of sequences
    of the nets that were solved and their mean, the paper's mean, and the largest number of sequences
    that a solved net got wrong of 2560 new ones (None in experiments 1 and 2a, which have no new ones).
    """
    outcomes: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for result in results:
        row = result["job"].partition("/seeds=")[0]
        for outcome in result["outcomes"]:
            outcomes[row][outcome["seed"]] = outcome
    lines = [
        _line(row, list(outcomes[row.name].values()))
        for row in catalogue.rows()
        if row.name in outcomes
    ]
    numbers = dict.fromkeys(("median", "mean", "paper", "wrong"), float)
    return pd.DataFrame(lines).astype(numbers) if lines else pd.DataFrame()


def _line(row: catalogue.Row, outcomes: list[dict[str, Any]]) -> dict[str, Any]:
    solved = [o for o in outcomes if o["status"] == "solved"]
    low, high = proportion_confint(len(solved), len(outcomes), method="wilson")
    after = [o["reached"][-1] for o in solved]
    new = row.experiment not in catalogue.NOTHING_NEW
    wrong = [o["reports"][-1]["wrong"] for o in solved if new and o["reports"]]
    return {
        "experiment": row.experiment,
        "variant": row.variant,
        "setting": row.setting,
        "cell": row.cell,
        "seeds": len(outcomes),
        "solved": len(solved),
        "diverged": sum(o["status"] == "diverged" for o in outcomes),
        "low": float(low),
        "high": float(high),
        "median": median(after) if after else None,
        "mean": sum(after) / len(after) if after else None,
        "paper": paper(row),
        "wrong": max(wrong, default=None),
        "limit": max(
            (o["sequences"] for o in outcomes if o["status"] == "not solved"), default=row.limit
        ),
    }


def paper(row: catalogue.Row) -> int | None:
    """After how many sequences the paper's nets succeeded, on average; None if it has no such row."""
    if row.paper is None:
        return None
    name, wanted = row.paper
    table = _paper()[name]
    (found,) = (
        r
        for r in table.get("rows", [table])
        if all(r[key] == value for key, value in wanted.items())
    )
    return found.get("success_after", found.get("ST2", found.get("stop")))


@cache
def _paper() -> dict[str, Any]:
    text = (files("lstm_course.results") / "paper1997.json").read_text(encoding="utf-8")
    return json.loads(text)
