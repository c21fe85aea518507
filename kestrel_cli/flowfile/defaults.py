"""Plugin defaults of the flow: values that tasks have without saying them (spec/engine.md 6.13)."""

from typing import Any

from kestrel_cli.tasks.registry import canonical


class Defaults:
    """The flow's `pluginDefaults`, applied to the plain values of tasks."""

    def __init__(self, declared: object) -> None:
        self._entries = [
            entry
            for entry in (declared if isinstance(declared, list) else [])
            if isinstance(entry, dict)
            and isinstance(entry.get("type"), str)
            and isinstance(entry.get("values"), dict)
        ]

    def __bool__(self) -> bool:
        return bool(self._entries)

    def applied(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values with the defaults of their type; also in properties that have a `type`."""
        made = {key: self._inside(value) for key, value in values.items()}
        name = made.get("type")
        if not isinstance(name, str):
            return made
        asked = made.get("pluginDefaultsRef")
        for entry in self._entries:
            ref = entry.get("ref")
            if ref is not None and ref != asked:
                continue
            if canonical(name).startswith(canonical(entry["type"])):
                said, missing = entry["values"], not entry.get("forced", False)
                made = merged(said, made) if missing else merged(made, said)
        return made

    def _inside(self, value: Any) -> Any:
        # One level is enough: task runners and the like are direct properties of a task.
        if isinstance(value, dict) and isinstance(value.get("type"), str):
            return self.applied(value)
        return value


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both maps, `above` winning; maps inside are merged too, lists joined without repetitions."""
    both = dict(below)
    for key, value in above.items():
        older = both.get(key)
        if isinstance(older, dict) and isinstance(value, dict):
            both[key] = merged(older, value)
        elif isinstance(older, list) and isinstance(value, list):
            both[key] = older + [one for one in value if one not in older]
        else:
            both[key] = value
    return both
