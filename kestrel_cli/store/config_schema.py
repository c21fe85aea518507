"""JSON Schema of a configuration file, from the readers of its settings."""

from typing import Any, Final

from kestrel_cli.store import config_keys as keys

_TEXT: Final = {"type": "string", "minLength": 1}
_SHAPES: Final[dict[object, dict[str, Any]]] = {
    keys.read_text_value: _TEXT,
    keys.read_path: _TEXT,
    keys.read_paths: {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
    keys.read_flag: {"type": "boolean"},
    keys.read_generation: {"enum": [1, 2, "1", "2"]},
    keys.read_length: {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^([Pp]\S+|[0-9]+(\.[0-9]+)?[smh]?)$"},
        ]
    },
    keys.read_silence: {
        "anyOf": [
            {"type": "integer", "minimum": 0},
            {"type": "string", "pattern": r"^([Pp]\S+|[0-9]+(\.[0-9]+)?[smh]?)$"},
        ]
    },
    keys.read_size: {
        "anyOf": [
            {"type": "integer", "minimum": 1},
            {"type": "string", "pattern": r"^\s*0*[1-9][0-9]*\s*[KkMmGgTt]?([Ii]?[Bb])?\s*$"},
        ]
    },
    keys.read_count: {"type": "integer", "minimum": 1},
}
_DEFAULT: Final = {
    "type": "object",
    "required": ["type", "values"],
    "properties": {
        "type": {
            **_TEXT,
            "description": "The name of a type, or how the names of several begin.",
        },
        "values": {"type": "object", "description": "Properties and their values."},
        "forced": {
            "type": "boolean",
            "description": "Whether the values win over those of the tasks.",
        },
        "ref": {"type": "string", "description": "A name for `pluginDefaultsRef`."},
    },
    "additionalProperties": False,
}
_CONTEXT: Final = {
    "type": "object",
    "required": ["host"],
    "properties": {
        "host": {**_TEXT, "description": "The address of the server."},
        "tenant": _TEXT,
        "username": _TEXT,
        "password": _TEXT,
        "token": _TEXT,
        "token-env": {**_TEXT, "description": "The variable that holds the token."},
        "password-env": {**_TEXT, "description": "The variable that holds the password."},
        "headers": {"type": "object", "additionalProperties": {"type": "string"}},
        "ca": {**_TEXT, "description": "A file of certificates to trust as well."},
        "insecure": {"type": "boolean"},
        "proxy": _TEXT,
        "timeout": {"anyOf": [_TEXT, {"type": "integer", "minimum": 1}]},
    },
    "additionalProperties": False,
}
_TABLES: Final = {
    keys.CONTEXTS: {
        "type": "object",
        "description": "Kestra servers, by the name that `--on` takes.",
        "additionalProperties": _CONTEXT,
    },
    keys.DEFAULTS: {
        "type": "array",
        "items": _DEFAULT,
        "description": "Values that tasks of a type have without saying them.",
    },
    keys.GLOBALS: {"type": "object", "description": "What expressions read as `globals.<name>`."},
    keys.NAMESPACES: {
        "type": "object",
        "description": "Settings of namespaces, by name.",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "variables": {
                    "type": "object",
                    "description": "What expressions read as `namespace.<name>`.",
                }
            },
            "additionalProperties": False,
        },
    },
}


def settings_schema() -> dict[str, Any]:
    """Every setting and table, each with a line of help."""
    settings = {name: _shape(key) | {"description": key.about} for name, key in keys.KEYS.items()}
    return {"type": "object", "properties": settings | _TABLES, "additionalProperties": False}


def _shape(key: keys.Key) -> dict[str, Any]:
    if isinstance(key.read, keys.OneOf):
        in_any_case = "|".join(_any_case(word) for word in key.read.words)
        words = {"enum": list(key.read.words)}
        return {"anyOf": [words, {"type": "string", "pattern": f"^({in_any_case})$"}]}
    return dict(_SHAPES[key.read])


def _any_case(word: str) -> str:
    return "".join(f"[{letter.lower()}{letter.upper()}]" for letter in word)
