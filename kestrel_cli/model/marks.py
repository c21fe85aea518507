"""Marks: what stands beside the type of a property in `Annotated[type, *marks]`.

Some say how a property is read (`Template`, `Children`, `OldName`, `Internal`, `Chosen` ...). The
others are demands on its value. A demand knows itself: what fits it, what a value lacks, its JSON
Schema and its words in the reference of a task. A new one is one class here, and nothing elsewhere.
"""

from typing import Any, Final


class Template:
    """Marks `Dynamic[T]`: a `T`, or text with an expression that renders to one."""


class Children:
    """Marks a property that holds tasks; the builder makes them one by one, however deep."""


class OldName:
    """Marks a property that Kestra still reads under an older name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Internal:
    """Marks an attribute that the loader sets and no file can say."""


class Chosen:
    """Marks models that the `type` each of them says chooses out of a family: triggers, conditions,
    inputs (`flowfile/parts.py`). They are made apart, one by one, however deep they nest.
    """

    __slots__ = ("family",)

    def __init__(self, family: str) -> None:
        self.family = family


class Checked(Chosen):
    """Marks a map that stays one and has to be what a model of the family says."""


class Looks:
    """Marks a value that is looked at elsewhere; `shape` is what an editor may know of it."""

    __slots__ = ("shape",)

    def __init__(self, shape: object) -> None:
        self.shape = shape


class Since:
    """Marks what the named Kestra has and those before it have not."""

    __slots__ = ("kestra",)

    def __init__(self, kestra: str) -> None:
        self.kestra = kestra


class Demand:
    """Marks a property whose value has to be more than of the right type."""

    __slots__ = ()

    def fits(self, shape: object, value: object) -> bool:
        """Whether a value as the file has it meets the demand beyond doubt; `shape` is the type."""
        raise NotImplementedError

    def lack(self, value: Any) -> str | None:
        """What a value of the right type fails to be, after "must be"; None when it is all well."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """The demand as JSON Schema."""
        raise NotImplementedError

    def words(self) -> str | None:
        """The demand in words, for readers of a reference; None when there is nothing to say."""
        raise NotImplementedError


class Matches(Demand):
    """Text that has to match `pattern` as a whole; `wanted` completes "must be ..."."""

    __slots__ = ("pattern", "wanted")

    def __init__(self, pattern: str, wanted: str) -> None:
        self.pattern = pattern
        self.wanted = wanted

    def __repr__(self) -> str:
        return f"Matches({self.pattern!r})"

    def fits(self, shape: object, value: object) -> bool:
        return isinstance(value, str) and self.lack(value) is None

    def lack(self, value: Any) -> str | None:
        import re

        return None if re.fullmatch(self.pattern, value) else self.wanted

    def schema(self) -> dict[str, Any]:
        return {"pattern": f"^(?:{self.pattern})$"}

    def words(self) -> str:
        return self.wanted


class Bounds(Demand):
    """A number, or the length of a text, with limits; both are inclusive."""

    __slots__ = ("least", "most")

    def __init__(self, least: int | None = None, most: int | None = None) -> None:
        self.least = least
        self.most = most

    def __repr__(self) -> str:
        return f"Bounds({self.least}, {self.most})"

    def fits(self, shape: object, value: object) -> bool:
        """Of a text that is never sure: a number may become one, and its length counts then."""
        return shape is not str and type(value) is int and self.lack(value) is None

    def lack(self, value: Any) -> str | None:
        measure = value if isinstance(value, (int, float)) else len(value)
        if self.least is not None and measure < self.least:
            return f"at least {self.least}"
        return f"at most {self.most}" if self.most is not None and measure > self.most else None

    def schema(self) -> dict[str, Any]:
        said = {"minimum": self.least, "maximum": self.most}
        return {name: limit for name, limit in said.items() if limit is not None}

    def words(self) -> str | None:
        said = {"at least": self.least, "at most": self.most}
        return " and ".join(f"{name} {n}" for name, n in said.items() if n is not None) or None


class NotEmpty(Demand):
    """A list, map or text that must not be empty: the mark `Filled`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Filled"

    def fits(self, shape: object, value: object) -> bool:
        return isinstance(value, (list, dict, str)) and bool(value)

    def lack(self, value: Any) -> str | None:
        return None if value else "filled"

    def schema(self) -> dict[str, Any]:
        return {"minItems": 1, "minLength": 1, "minProperties": 1}

    def words(self) -> str:
        return "not empty"


Filled: Final = NotEmpty()
