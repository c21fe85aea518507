"""Inputs by type: which properties each type has besides those of all inputs."""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.flow import Input
from kestrel_cli.model.marks import Chosen, Filled, Matches, Since
from kestrel_cli.model.windows import LocalTime

LocalDate = Annotated[
    str, Matches(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", "a date such as `2024-01-31`")
]
# What an ARRAY holds, and what a MULTISELECT chooses from.
ItemType = Literal[
    "STRING",
    "INT",
    "FLOAT",
    "BOOL",
    "BOOLEAN",
    "DATETIME",
    "DATE",
    "TIME",
    "DURATION",
    "FILE",
    "JSON",
    "URI",
    "YAML",
    "EMAIL",
    "ARRAY",
    "SECRET",
    "MULTISELECT",
    "SELECT",
    "ENUM",
]
Choices = list[str | dict[str, Any]]


class StringInput(Input):
    """Text."""

    validator: str | None = None


class SecretInput(Input):
    """Text that is hidden wherever it is shown."""

    validator: str | None = None


class EmailInput(Input):
    """The address of a mailbox."""


class IntInput(Input):
    """A whole number of 32 bits."""

    min: int | None = None
    max: int | None = None


class FloatInput(Input):
    """A number."""

    min: float | None = None
    max: float | None = None


class BooleanInput(Input):
    """True or false."""


class DateInput(Input):
    """A date, such as `2024-01-31`."""

    after: LocalDate | None = None
    before: LocalDate | None = None


class TimeInput(Input):
    """A time of the day, such as `18:27:49`."""

    after: LocalTime | None = None
    before: LocalTime | None = None


class DateTimeInput(Input):
    """A moment, such as `2024-01-31T18:27:49Z`."""

    after: str | None = None
    before: str | None = None


class DurationInput(Input):
    """A span of time, such as `PT5M6S`."""

    min: Duration | None = None
    max: Duration | None = None


class FileInput(Input):
    """A file."""

    extension: str | None = None
    allowedFileExtensions: list[str] | None = None
    accept: Annotated[Any, Since("2.0")] = None


class JsonInput(Input):
    """Data written as JSON."""

    jsonSchema: Annotated[Any, Since("2.0")] = None


class YamlInput(Input):
    """Data written as YAML."""


class UriInput(Input):
    """An address with a scheme."""


class EnumInput(Input):
    """One of some values. Deprecated: use SELECT."""

    values: Annotated[list[str], Filled]


class SelectInput(Input):
    """One of some values."""

    values: Choices | None = None
    expression: str | None = None
    allowCustomValue: bool = False
    isRadio: bool = False
    autoSelectFirst: bool = False


class MultiselectInput(Input):
    """Some of some values."""

    values: Choices | None = None
    options: Choices | None = None
    expression: str | None = None
    itemType: ItemType | None = "STRING"
    allowCustomValue: bool = False
    autoSelectFirst: bool = False


class ArrayInput(Input):
    """A list of values of one type."""

    itemType: ItemType


class FormInput(Input):
    """Inputs that belong together; their values are `inputs.<form>.<input>`."""

    inputs: Annotated[list[Input], Chosen("input"), Filled]


TYPES: Final[Mapping[str, type[Input]]] = {
    "ARRAY": ArrayInput,
    "BOOL": BooleanInput,
    "BOOLEAN": BooleanInput,
    "DATE": DateInput,
    "DATETIME": DateTimeInput,
    "DURATION": DurationInput,
    "EMAIL": EmailInput,
    "ENUM": EnumInput,
    "FILE": FileInput,
    "FLOAT": FloatInput,
    "FORM": FormInput,
    "INT": IntInput,
    "JSON": JsonInput,
    "MULTISELECT": MultiselectInput,
    "SECRET": SecretInput,
    "SELECT": SelectInput,
    "STRING": StringInput,
    "TIME": TimeInput,
    "URI": UriInput,
    "YAML": YamlInput,
}
ALIASES: Final[Mapping[str, str]] = {}
UNKNOWN: Final = None
