"""Functions that ask the run's services: secrets, keys, files, logs, HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import watch
from kestrel_cli.expressions.arguments import optional_text, text_argument
from kestrel_cli.expressions.scope import MISSING

if TYPE_CHECKING:
    from kestrel_cli.expressions.scope import Scope

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})


def secret(
    scope: Scope, key: object, namespace: object = None, subkey: object = None, full: object = False
) -> str:
    """The secret's text. `full` is accepted for Kestra's sake; here a secret is always one text."""
    name = text_argument(key, "secret", "key")
    space = optional_text(namespace, "secret", "namespace")
    with watch.waiting():
        return scope.services.secret(name, space, optional_text(subkey, "secret", "subkey"))


def kv(
    scope: Scope, key: object, namespace: object = None, errorOnMissing: object = True
) -> object:
    """The value stored under a key of the namespace."""
    name = text_argument(key, "kv", "key")
    space = optional_text(namespace, "kv", "namespace")
    return scope.services.kv(name, space, error_on_missing=errorOnMissing is not False)


def env(scope: Scope, name: object, default: object = None) -> object:
    """A variable of `envs`; `default` when it is missing or empty."""
    if name is None:
        raise RenderError("The 'env' function expects an argument 'name'.")
    envs = scope.lookup("envs")
    if envs is MISSING or not isinstance(envs, dict):
        return default
    value = envs.get(text_argument(name, "env", "name"))
    return default if value in (None, "") else value


def read(scope: Scope, path: object, namespace: object = None, version: object = None) -> str:
    """The text of a namespace file or of a file in internal storage."""
    content = scope.services.read(
        _path(path, "read"), optional_text(namespace, "read", "namespace")
    )
    return content.decode("utf-8", "replace")


def file_uri(scope: Scope, path: object) -> str:
    """The `kestra:///` URI of a namespace file."""
    flow = scope.lookup("flow")
    namespace = flow.get("namespace") if isinstance(flow, dict) else None
    return scope.services.file_uri(
        _path(path, "fileURI"), namespace if isinstance(namespace, str) else None
    )


def file_size(scope: Scope, path: object, namespace: object = None) -> int:
    """The file's size in bytes."""
    return scope.services.file_size(_address(path, namespace, "fileSize"))


def file_exists(scope: Scope, path: object, namespace: object = None) -> bool:
    """Whether the file is there."""
    return scope.services.file_exists(_address(path, namespace, "fileExists"))


def is_file_empty(scope: Scope, path: object, namespace: object = None) -> bool:
    """Whether the file has no bytes."""
    return scope.services.file_size(_address(path, namespace, "isFileEmpty")) == 0


def error_logs(scope: Scope) -> list[dict[str, object]]:
    """The error log entries of the execution."""
    return scope.services.error_logs()


def http(
    scope: Scope,
    uri: object,
    method: object = "GET",
    query: object = None,
    body: object = None,
    contentType: object = None,
    headers: object = None,
    options: object = None,
    accept: object = None,
) -> object:
    """The body of an HTTP answer."""
    verb = text_argument(method, "http", "method").upper()
    if verb not in _METHODS:
        raise RenderError(f"The 'http' function does not know the method '{verb}'.")
    request = {
        "uri": text_argument(uri, "http", "uri"),
        "method": verb,
        "query": _map(query, "query"),
        "body": body,
        "contentType": optional_text(contentType, "http", "contentType"),
        "headers": _map(headers, "headers"),
        "options": _map(options, "options"),
        "accept": optional_text(accept, "http", "accept"),
    }
    with watch.waiting():
        return scope.services.http(request)


def _map(value: object, argument: str) -> dict[object, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RenderError(f"The 'http' function expects a map in argument '{argument}'.")
    return dict(value)


def _address(value: object, namespace: object, function: str) -> str:
    """The path, or the `nsfile://` address of one in another namespace."""
    path = _path(value, function)
    space = optional_text(namespace, function, "namespace")
    if space is None or "://" in path:
        return path
    from urllib.parse import quote

    return f"nsfile://{space}/{quote(path, errors='replace')}"


def _path(value: object, function: str) -> str:
    path = text_argument(value, function, "path")
    # Checked again, after resolving, where files are opened; here for Kestra's message.
    if "../" in path.replace("\\", "/"):
        raise RenderError("Path must not contain '../'")
    return path
