"""YAML texts as data: values as Kestra reads them, and files of ours as YAML 1.2 has it."""

from typing import Final

_MAX_DEPTH: Final = 100


def read_value(text: str) -> object:
    """The value of an input or output of type YAML. Raises ValueError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    from kestrel_cli.java.yaml_reading import value_of

    try:
        return value_of(YAML(typ="safe", pure=True).parse(text), max_depth=_MAX_DEPTH)
    except OverflowError:
        raise ValueError("not valid YAML: nested too deeply") from None
    except (YAMLError, ValueError) as error:
        raise ValueError(_worded(error)) from None


def read_yaml(text: str) -> object:
    """The value of a YAML document; dates stay text, as in Kestra. Raises ValueError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import SafeConstructor
    from ruamel.yaml.error import YAMLError

    class Plain(SafeConstructor):
        """Builds plain data, with dates left as they are written."""

    Plain.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)
    reader = YAML(typ="safe", pure=True)
    reader.Constructor = Plain
    try:
        return reader.load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise ValueError(_worded(error)) from None


def _worded(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    reason = "nested too deeply" if isinstance(error, RecursionError) else error
    return f"not valid YAML: {getattr(error, 'problem', reason)}{where}"
