"""Which accessibility violations are the theme's own, each by rule and place, with the reason."""

from __future__ import annotations

from typing import Any

GRAVE = {"serious", "critical"}

# (rule, a part of the element's selector, why it stays)
THEMES_OWN: tuple[tuple[str, str, str], ...] = ()


def ours(violations: list[dict[str, Any]]) -> list[str]:
    """Return the serious violations that the theme does not answer for, one line each."""
    return [
        f"{violation['id']} ({violation['impact']}): {' '.join(map(str, node['target']))} "
        f"{node['html'][:160]}"
        for violation in violations
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
        if not any(
            violation["id"] == rule and part in " ".join(map(str, node["target"]))
            for rule, part, _reason in THEMES_OWN
        )
    ]
