"""The text of a YAML input as data."""


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
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = "nested too deeply" if isinstance(error, RecursionError) else error
        raise ValueError(f"not valid YAML: {getattr(error, 'problem', reason)}{where}") from None
