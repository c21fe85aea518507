"""What is known of a type that does not run here."""

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

# `uri` is a file in internal storage, `uris` a map from names to such files, `rows` a list of maps,
# `size` a count that is never negative.
Kind = Literal[
    "text", "number", "boolean", "uri", "uris", "list", "map", "rows", "moment", "size", "any"
]
Fetched = Literal["FETCH", "FETCH_ONE", "STORE", "NONE"]


class Output(NamedTuple):
    """One output. `inside` are the known members of a map, or of each map of `rows`; `fetched` is
    the way of fetching that makes the output, None when it is always there.
    """

    kind: Kind
    inside: "Mapping[str, Output]" = {}
    fetched: Fetched | None = None


Outputs = Mapping[str, Output]

# Properties of long ago that say what `fetchType` says today, the strongest first.
_FLAGS: Final[tuple[tuple[str, Fetched], ...]] = (
    ("fetchOne", "FETCH_ONE"),
    ("fetch", "FETCH"),
    ("store", "STORE"),
)


class Foreign(NamedTuple):
    """A type: one sentence on what it does, the service or program it is for, its outputs.

    `fetched` is the `fetchType` of a task that names none; `exact` says that there are no other
    outputs than these.
    """

    name: str
    about: str
    family: str
    members: Outputs
    older: tuple[str, ...] = ()
    fetched: Fetched | None = None
    exact: bool = True

    @property
    def outputs(self) -> dict[str, Kind]:
        """Every output that the type can have, and its kind."""
        return {name: one.kind for name, one in self.members.items()}

    def made_by(self, properties: Mapping[str, Any]) -> dict[str, Output]:
        """The outputs of a task with these properties: of what is fetched, only those that its
        `fetchType` makes; all of them where that is an expression.
        """
        way = self.way(properties)
        return made(self.members, way) if way else dict(self.members)

    def way(self, properties: Mapping[str, Any]) -> Fetched | None:
        """How the task fetches; None: the type has no ways, or only a run tells."""
        if self.fetched is None:
            return None
        said = properties.get("fetchType")
        if isinstance(said, str):
            words: dict[str, Fetched] = {
                "FETCH": "FETCH", "FETCH_ONE": "FETCH_ONE", "STORE": "STORE", "NONE": "NONE"
            }  # fmt: skip
            return words.get(said.strip().upper())
        flags = [(way, properties[name]) for name, way in _FLAGS if name in properties]
        if any(flag is True or flag == "true" for _, flag in flags):
            return next(way for way, flag in flags if flag is True or flag == "true")
        if any(isinstance(flag, str) and "{{" in flag for _, flag in flags):
            return None
        return self.fetched


def made(members: Outputs, way: Fetched) -> dict[str, Output]:
    """Those of the outputs, and of what they hold, that this way of fetching makes."""
    return {
        name: one._replace(inside=made(one.inside, way))
        for name, one in members.items()
        if one.fetched in (None, way)
    }
