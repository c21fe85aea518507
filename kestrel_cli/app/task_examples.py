"""Examples of task types: a small flow for each, made from its declared properties."""

import json
import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from kestrel_cli.model.duration import Duration
from kestrel_cli.model.fields import DOUBT, Model, Property, accept, unwrapped
from kestrel_cli.model.marks import Bounds
from kestrel_cli.model.task import FlowableTask, Task

# Text that needs no quotes, whatever it is the value of.
_PLAIN: Final = re.compile(
    r"(?!(?:true|false|yes|no|on|off|null|n|y)$)[A-Za-z/][\w ./:@$-]*(?<![: ])"
)
_LOG: Final = "io.kestra.plugin.core.log.Log"
_FILE: Final = "{{ inputs.file }}"
# What a property of this name holds in examples.
_BY_NAME: Final[dict[str, Any]] = {
    "channel": "@my-channel",
    "commands": ["echo hello"],
    "condition": "{{ flow.id == 'example' }}",
    "conditions": ["{{ flow.id == 'example' }}"],
    "content": "Hello",
    "errorMessage": "this is not right",
    "expr": "{{ id }}",
    "filterCondition": "{{ id == 1 }}",
    "flowId": "another_flow",
    "format": "Hello from {{ flow.id }}",
    "from": _FILE,
    "host": "smtp.example.com",
    "htmlTextContent": "<p>Hello</p>",
    "items": _FILE,
    "key": "my_key",
    "labels": {"team": "a"},
    "message": "Hello from {{ flow.id }}",
    "messageText": "Hello from {{ flow.id }}",
    "metrics": [{"type": "counter", "name": "rows", "value": 3}],
    "name": "my-name",
    "namespace": "company.team",
    "payload": '{"text": "Hello from {{ flow.id }}"}',
    "script": "echo hello",
    "spec": f'type: {_LOG}\nmessage: "Hello from {{{{ flow.id }}}}"',
    "sql": "select 1",
    "subject": "Hello",
    "table": "orders",
    "templateId": "my_template",
    "to": "someone@example.com",
    "token": "{{ secret('TOKEN') }}",
    "url": "{{ secret('URL') }}",
    "value": "{{ flow.id }}",
    "values": ["one", "two"],
}
# In types whose name begins or ends like this it is something else, or (None) left out; the last
# one that fits counts.
_BY_TYPE: Final[dict[str, dict[str, Any]]] = {
    "Execution": {"customMessage": "Please look at this", "payload": None, "htmlTextContent": None},
    "SlackExecution": {"messageText": None},
    "SlackIncomingWebhook": {"payload": None},
    "io.kestra.core.tasks.scripts.Python": {"inputFiles": {"main.py": 'print("hello")'}},
    "io.kestra.core.tasks.scripts.Node": {"inputFiles": {"main.js": 'console.log("hello")'}},
    "io.kestra.plugin.ansible.": {
        "commands": ["ansible-playbook -i localhost, -c local playbook.yml"],
        "inputFiles": {"playbook.yml": "- hosts: localhost\n  tasks: [{ping: {}}]\n"},
    },
    "io.kestra.plugin.aws.cli.": {"commands": ["aws s3 ls"], "region": "eu-west-1"},
    "io.kestra.plugin.core.execution.SetVariables": {"variables": {"name": "value"}},
    "io.kestra.plugin.core.execution.UnsetVariables": {"variables": ["name"]},
    "io.kestra.plugin.core.flow.If": {"condition": "{{ labels.team == 'blue' }}"},
    "io.kestra.plugin.core.flow.Each": {"value": ["one", "two"]},
    "io.kestra.plugin.compress.Archive": {"algorithm": "ZIP"},
    "io.kestra.plugin.compress.ArchiveCompress": {"from": {"orders.csv": _FILE}},
    "io.kestra.plugin.compress.File": {"compression": "GZIP"},
    "io.kestra.plugin.core.http.": {"uri": "https://example.com/orders.csv"},
    "io.kestra.plugin.core.kv.GetKeys": {"prefix": "my_"},
    "io.kestra.plugin.core.log.Fetch": {"level": "WARN"},
    "io.kestra.plugin.core.namespace.": {"files": ["*.sql"]},
    "io.kestra.plugin.core.output.": {"values": {"name": "value"}},
    "io.kestra.plugin.core.state.": {"name": "my-state"},
    "io.kestra.plugin.core.state.Set": {"data": {"name": "value"}},
    "io.kestra.plugin.core.storage.": {"uri": _FILE, "files": [_FILE, _FILE], "rows": 100},
    "io.kestra.plugin.core.storage.LocalFiles": {"inputs": {"data.csv": _FILE}},
    "io.kestra.plugin.dbt.cli.": {"target": "prod"},
    "io.kestra.plugin.dbt.cli.DbtCLI": {"commands": ["dbt deps", "dbt build"]},
    "io.kestra.plugin.dbt.cli.Setup": {
        "profiles": {"shop": {"target": "dev", "outputs": {"dev": {"type": "duckdb"}}}},
        "requirements": ["dbt-duckdb"],
    },
    "io.kestra.plugin.docker.": {
        "commands": ["echo", "hello"],
        "composeArgs": ["up", "-d"],
        "composeFile": "compose.yaml",
        "containerId": "my-app",
        "containerIds": ["my-app"],
        "containerImage": "alpine:latest",
        "dockerfile": "FROM alpine\nRUN echo hello\n",
        "host": None,
        "image": "alpine:latest",
        "imageNameFilter": "alpine",
        "pruneType": "IMAGES",
        "sourceImage": "my-app:1",
        "tags": ["my-app:1"],
        "targetImage": "registry.example.com/my-app:1",
    },
    "io.kestra.plugin.docker.cli.Compose": {"containerImage": None},
    "io.kestra.plugin.email.": {"from": "me@example.com"},
    "io.kestra.plugin.fs.local.": {"from": "/data/orders.csv", "to": "/data/copies/orders.csv"},
    "io.kestra.plugin.fs.local.Upload": {"from": _FILE},
    "io.kestra.plugin.fs.local.Uploads": {"from": [_FILE], "to": "/data/copies/"},
    "io.kestra.plugin.fs.ssh.": {
        "commands": ["ls"],
        "host": "example.com",
        "password": "{{ secret('PASSWORD') }}",
        "username": "someone",
    },
    "io.kestra.plugin.git.": {
        "branch": "main",
        "commitMessage": "Add files",
        "gitDirectory": "files",
        "url": "https://example.com/company/scripts.git",
    },
    "io.kestra.plugin.git.Clone": {"branch": None, "gitDirectory": None},
    "io.kestra.plugin.jdbc.duckdb.": {"url": "jdbc:duckdb:"},
    "io.kestra.plugin.jdbc.mariadb.": {"url": "jdbc:mariadb://localhost:3306/shop"},
    "io.kestra.plugin.jdbc.mysql.": {"url": "jdbc:mysql://localhost:3306/shop"},
    "io.kestra.plugin.jdbc.postgresql.": {"url": "jdbc:postgresql://localhost:5432/shop"},
    "io.kestra.plugin.jdbc.sqlite.": {"url": "jdbc:sqlite:shop.db"},
    "io.kestra.plugin.scripts.bun.Script": {"script": 'console.log("hello")'},
    "io.kestra.plugin.scripts.csharp.Script": {"script": 'Console.WriteLine("hello");'},
    "io.kestra.plugin.scripts.deno.Script": {"script": 'console.log("hello")'},
    "io.kestra.plugin.scripts.dotnet.Script": {"script": 'Console.WriteLine("hello");'},
    "io.kestra.plugin.scripts.fsharp.Script": {"script": 'printfn "hello"'},
    "io.kestra.plugin.scripts.go.Script": {
        "script": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello") }\n'
    },
    "io.kestra.plugin.scripts.groovy.Script": {"script": 'println "hello"'},
    "io.kestra.plugin.scripts.jbang.Script": {
        "script": "class hello {\n  public static void main(String[] args) {\n"
        '    System.out.println("hello");\n  }\n}\n'
    },
    "io.kestra.plugin.scripts.julia.Script": {"script": 'println("hello")'},
    "io.kestra.plugin.scripts.lua.Script": {"script": 'print("hello")'},
    "io.kestra.plugin.scripts.node.Script": {"script": 'console.log("hello")'},
    "io.kestra.plugin.scripts.perl.Script": {"script": 'print "hello\\n";'},
    "io.kestra.plugin.scripts.php.Script": {"script": '<?php\necho "hello\\n";\n'},
    "io.kestra.plugin.scripts.powershell.": {
        "script": 'Write-Output "hello"',
        "commands": ['Write-Output "hello"'],
    },
    "io.kestra.plugin.scripts.python.Script": {"script": 'print("hello")'},
    "io.kestra.plugin.scripts.r.Script": {"script": 'print("hello")'},
    "io.kestra.plugin.scripts.ruby.Script": {"script": 'puts "hello"'},
    "io.kestra.plugin.terraform.": {"commands": ["terraform init", "terraform plan"]},
}
# Without these an example would show nothing, or could not run.
_TELLING: Final = frozenset(
    {
        "cases", "errorMessage", "format", "from", "host", "htmlTextContent", "messageText",
        "metrics", "payload", "subject", "table", "to", "values",
    }
)  # fmt: skip


def example_of(name: str, kind: type[Task]) -> str:
    """A flow file with one task of this type, that says what it has to and a little more."""
    own = _by_type(name)
    shown = {"id": "example_task", "type": name}
    shown |= _properties(kind, {**_BY_NAME, **own}, own)
    flow: dict[str, Any] = {"id": "example", "namespace": "company.team"}
    if any(_FILE in line for line in _yaml(shown)):
        flow["inputs"] = [{"id": "file", "type": "FILE"}]
    return "\n".join(_yaml({**flow, "tasks": [shown]})) + "\n"


def _by_type(name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part, values in _BY_TYPE.items():
        if name.startswith(part) or name.endswith(part):
            found |= values
    return found


def _properties(kind: type[Task], known: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    base: type[Task] = FlowableTask if issubclass(kind, FlowableTask) else Task
    mine = [one for name, one in kind.properties.items() if name not in base.properties]
    shown = [one for one in mine if one.required or one.name in _TELLING or one.name in own]
    shown = [one for one in shown if one.required or own.get(one.name, 1) is not None]
    if not shown:
        shown = [one for one in mine if not one.default][:1]
    return {one.name: _value(one, known) for one in shown}


def _value(declared: Property, known: dict[str, Any]) -> Any:
    if declared.holds_tasks:
        return _tasks(declared.shape)
    said = known.get(declared.name)
    if said is not None and accept(declared, said) is not DOUBT:
        return said
    return _of(declared.shape, declared.marks, known)


def _tasks(shape: object) -> Any:
    """Tasks in the form that the property wants them."""
    log = {"id": "hello", "type": _LOG, "message": "Hello"}
    origin, parts = get_origin(shape), get_args(shape)
    if origin is dict:
        return {"example": [log]}
    if origin is not tuple:
        return log
    return [log] if issubclass(parts[0], Task) else [{"task": log}]


def _of(shape: object, marks: tuple[object, ...], known: dict[str, Any]) -> Any:
    """Some value of a shape."""
    origin, parts = get_origin(shape), get_args(shape)
    if origin in (Union, UnionType):
        return _of(*unwrapped(parts[0]), known)
    if origin is Literal:
        return parts[0]
    if origin is list:
        return [_of(*unwrapped(parts[0]), known)]
    if origin is dict:
        return {"name": _of(*unwrapped(parts[1]), known)}
    if isinstance(shape, type) and issubclass(shape, Model):
        declared = shape.properties.values()
        return {one.name: _value(one, known) for one in declared if one.required}
    if shape is Duration:
        return "PT10S"
    if shape is bool:
        return True
    if shape in (int, float):
        return next((m.least for m in marks if isinstance(m, Bounds) and m.least is not None), 1)
    return "text"


def _yaml(value: Any) -> Iterator[str]:
    """The lines of a map or a list, with as few quotes as in flows that are written by hand."""
    pairs = [("-", one) for one in value] if isinstance(value, list) else list(value.items())
    for key, one in pairs:
        opens = "- " if key == "-" else f"{key}: "
        if isinstance(one, (dict, list)) and one:
            inner = list(_yaml(one))
            if key == "-":
                yield f"- {inner[0]}"
                yield from _indented(inner[1:])
            else:
                yield f"{key}:"
                yield from _indented(inner)
        elif isinstance(one, str) and "\n" in one:
            yield f"{opens}|" if one.endswith("\n") else f"{opens}|-"
            yield from _indented(one.splitlines())
        else:
            yield f"{opens}{_scalar(one)}"


def _indented(lines: list[str]) -> Iterator[str]:
    return (f"  {line}" if line else "" for line in lines)


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value):
        return value
    return "'" + value.replace("'", "''") + "'" if '"' in value else f'"{value}"'
