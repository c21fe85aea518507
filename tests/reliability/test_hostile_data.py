"""Whatever a script prints, a server answers or a file holds: the run ends with a state, every
report of it can be made, and its JSON is JSON.
"""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kestrel_cli.model.task import Metric
from kestrel_cli.reporters.shape import metric_value
from kestrel_cli.tasks.processes.protocol import read_message
from tests.reliability.scene_tasks import CORE
from tests.support.cli import Result, run_here

# Each is a piece of JSON text, or nearly so.
ATOMS = [
    "1e400", "-1e400", "1e300", "1e-400", "NaN", "Infinity", "-Infinity", '"1e999"', '"NaN"',
    '"Infinity"', "-0", "-0.0", "9" * 5000, f'"{"9" * 5000}"', "123456789012345678901234567890",
    "9e18", '"PT9999999999999999999H"', '"P1D"', '"\\ud800"', '"\\u0000"', '"\\u001b[2J\\u202e"',
    '{"a":1,"a":2}', '{"\\ud800":1}', '{"":""}', "null", "true", "[]", "{}", '""', '"x"', "1",
    "[" * 900 + "]" * 900, "[" * 100_000 + "]" * 100_000, '{"a":' * 3000 + "1" + "}" * 3000,
    '"' + "x" * 300_000 + '"',
]  # fmt: skip
MESSAGES = [
    '{"outputs":{"a":%s}}', '{"outputs":%s}', '{"metrics":%s}', '{"metrics":[%s]}',
    '{"metrics":[{"name":"m","type":"timer","value":%s}]}',
    '{"metrics":[{"name":"m","type":"gauge","value":%s}]}',
    '{"metrics":[{"name":"m","type":"counter","value":%s}]}',
    '{"metrics":[{"name":%s,"type":"counter","value":1}]}',
    '{"metrics":[{"name":"m","type":%s,"value":1}]}',
    '{"metrics":[{"name":"m","type":"counter","value":1,"tags":%s}]}',
    '{"metrics":[{"name":"m","type":"counter","value":1,"tags":{"t":%s}}]}',
    '{"logs":%s}', '{"logs":[%s]}', '{"logs":[{"level":"INFO","message":%s}]}',
    '{"logs":[{"level":%s,"message":"m"}]}', "%s",
]  # fmt: skip
IONS = [
    "nan", "+inf", "-inf", "1d400", "1d-999999999", "1d999999999", "0x" + "f" * 5000,
    "2024-13-45", "9999-12-31T23:59:59.999999999Z", "0001T", "{{aGk=}}", '{{"x"}}', "(a b)",
    "a::1", "null.int", "'''x'''", '"\\uD800"', "{", "1_000",
]  # fmt: skip
ROWS = [
    "1e999", "-1e999", "9e999 - 9e999", "x'00ff80'", "cast(x'ff80' as text)", "char(0)",
    "9223372036854775807", "1e300", "null", "zeroblob(9)",
]  # fmt: skip
XML = ["1e400", "NaN", "9" * 5000, "&#55296;", "&x;", "<b>" * 5000, "-0", ""]
SHAPES = [[], ["-o", "json"], ["-o", "ndjson"], ["-o", "yaml"], ["-o", "tree"]]
SHOWN = ["text", "json", "yaml", "tree"]
SERDES = "io.kestra.plugin.serdes"


def _list(parts: list[str]) -> str:
    return f"[{','.join(parts)}]"


def _map(parts: list[str]) -> str:
    members = [f'"k{at % 2}":{one}' for at, one in enumerate(parts)]
    return f"{{{','.join(members)}}}"


def _around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, max_size=3)
    return several.map(_list) | several.map(_map)


json_texts = st.recursive(st.sampled_from(ATOMS), _around, max_leaves=4)


class Answers(BaseHTTPRequestHandler):
    """Says of every address the same: `body`."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(Answers.body)))
        self.end_headers()
        self.wfile.write(Answers.body)

    def log_message(self, *_: Any) -> None:
        pass


def soft(name: str, kind: str, **more: object) -> str:
    """A task whose failure does not end the flow."""
    return "  - " + json.dumps({"id": name, "type": kind, "allowFailure": True, **more}) + "\n"


def converted(extension: str, *kinds: str) -> str:
    """Tasks that read a file of that kind, and what came out of it."""
    source = f"{{{{ outputs.files.outputFiles['data.{extension}'] }}}}"
    tasks = []
    for at, kind in enumerate(kinds):
        name = f"{extension}{at}"
        tasks.append(soft(name, f"{SERDES}.{kind}", from_=source).replace('"from_"', '"from"'))
        content = f"{{{{ read(outputs.{name}.uri) }}}}"
        tasks.append(soft(f"{name}r", f"{CORE}.debug.Return", format=content))
    return "".join(tasks)


def flow_of(folder: Path, url: str) -> str:
    """Every door in one flow."""
    body = "{{ outputs.asked.body }}"
    extensions = ("ion", "csv", "json", "xml")
    return (
        "id: doors\nnamespace: company.team\ntasks:\n"
        + soft("said", "io.kestra.plugin.scripts.shell.Commands", commands=[f"cat {folder}/lines"])
        + soft("use", f"{CORE}.log.Log", message="{{ outputs.said.vars }}")
        + soft("asked", f"{CORE}.http.Request", uri=url)
        + soft(
            "values",
            f"{CORE}.output.OutputValues",
            values={"a": body, "b": f"{{{{ http('{url}') }}}}", "c": "{{ outputs.said.vars }}"},
        )
        + soft("list", f"{CORE}.flow.ForEach", values=body, tasks=[one()])
        + soft("labels", f"{CORE}.execution.Labels", labels=body)
        + soft("set", f"{CORE}.execution.SetVariables", variables=body)
        + soft("key", f"{CORE}.kv.Set", key="k", value=body, kvType="JSON")
        + soft("number", f"{CORE}.kv.Set", key="n", value=body, kvType="NUMBER")
        + soft("keyed", f"{CORE}.kv.Get", key="k")
        + soft(
            "measure",
            f"{CORE}.metric.Publish",
            metrics=[{"type": "timer", "name": "t", "value": body}],
        )
        + soft(
            "files",
            "io.kestra.plugin.scripts.shell.Commands",
            commands=[f"cp {folder}/data.{one} ." for one in extensions],
            outputFiles=[f"data.{one}" for one in extensions],
        )
        + converted("ion", "json.IonToJson", "csv.IonToCsv", "yaml.IonToYaml", "xml.IonToXml")
        + converted("csv", "csv.CsvToIon")
        + converted("json", "json.JsonToIon", "yaml.YamlToIon")
        + converted("xml", "xml.XmlToIon")
        + soft(
            "rows",
            "io.kestra.plugin.jdbc.sqlite.Query",
            url="jdbc:sqlite::memory:",
            sql="{{ read(outputs.files.outputFiles['data.csv']) | split('--')[1] }}",
            fetchType="FETCH",
        )
    )


def one() -> dict[str, object]:
    return {"id": "one", "type": f"{CORE}.log.Log", "message": "{{ taskrun.value }}"}


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a flow that reads `lines`, `data.*` and the server's answer."""
    folder = tmp_path_factory.mktemp("doors")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    flow = flow_of(folder, f"http://127.0.0.1:{server.server_port}/")
    (folder / "flow.yaml").write_text(flow, "utf-8")
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def fed(folder: Path, said: list[str], rows: list[str], ions: list[str], xml: str) -> None:
    """Put these pieces of data where the flow reads them."""
    first = said[0]
    lines = "".join(f"::{message % one}::\n" for one in said for message in MESSAGES)
    (folder / "lines").write_text(lines, "utf-8")
    Answers.body = first.encode()
    (folder / "data.ion").write_text("".join(f"{{a:{one},b:1}}\n" for one in ions), "utf-8")
    (folder / "data.csv").write_text(f"a,b\n{first},1\n--select {', '.join(rows)}", "utf-8")
    (folder / "data.json").write_text("".join(f'{{"a":{one}}}\n' for one in said), "utf-8")
    (folder / "data.xml").write_text(f"<a>{xml}</a>", "utf-8")


def strict(text: str) -> Any:
    """JSON of the standard, with no constants of JavaScript in it."""

    def refused(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refused)


def ended(result: Result) -> Result:
    assert result.code in {0, 1}, result.err[-2000:]
    assert "Traceback" not in result.err
    return result


def every_report(folder: Path) -> None:
    """Run with each reporter, then look back with each."""
    for shape in SHAPES:
        result = ended(run_here(["run", "flow.yaml", "--json-file", "run.json", *shape], folder))
        whole = strict((folder / "run.json").read_text("utf-8"))
        assert whole["state"]["current"] in {"SUCCESS", "WARNING", "FAILED"}
        if shape[1:] == ["json"]:
            strict(result.out)
        if shape[1:] == ["ndjson"]:
            assert [strict(line) for line in result.out.splitlines()]
    look_back(folder)


def look_back(folder: Path) -> None:
    for shape in SHOWN:
        result = ended(run_here(["executions", "show", "last", "-o", shape], folder))
        if shape == "json":
            strict(result.out)
    ended(run_here(["executions", "logs", "last"], folder))
    ended(run_here(["executions", "list"], folder))


def test_all_of_it_at_once(doors: Path) -> None:
    fed(doors, ATOMS, ROWS, ["1"], "1")
    every_report(doors)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    said=st.lists(json_texts, min_size=1, max_size=3),
    rows=st.lists(st.sampled_from(ROWS), min_size=1, max_size=3),
    ions=st.lists(st.sampled_from(IONS) | json_texts, min_size=1, max_size=2),
    xml=st.sampled_from(XML),
    shape=st.sampled_from(SHAPES),
)
def test_any_of_it(
    doors: Path, said: list[str], rows: list[str], ions: list[str], xml: str, shape: list[str]
) -> None:
    fed(doors, said, rows, ions, xml)
    ended(run_here(["run", "flow.yaml", "--json-file", "run.json", *shape], doors))
    strict((doors / "run.json").read_text("utf-8"))
    look_back(doors)


@pytest.mark.parametrize("kind", ["timer", "gauge", "counter"])
@pytest.mark.parametrize("value", ["1e400", "NaN", '"1e999"', '"Infinity"', "9" * 4000, "[]"])
def test_a_metric_that_is_no_number_is_refused(kind: str, value: str) -> None:
    line = f'::{{"metrics":[{{"name":"m","type":"{kind}","value":{value}}}]}}::'
    with pytest.raises(
        ValueError, match=r"number|too long a duration|not a duration|too many digits"
    ):
        read_message(line.encode())


def test_a_timer_longer_than_any_time_is_refused() -> None:
    with pytest.raises(ValueError, match="too long a duration"):
        read_message(b'::{"metrics":[{"name":"m","type":"timer","value":1e300}]}::')


@given(st.floats() | st.integers(-(10**300), 10**300), st.sampled_from(["timer", "gauge"]))
def test_a_metric_can_be_shown_whatever_it_is(value: float, kind: Any) -> None:
    shown = metric_value(Metric(kind, "m", value, {}))
    assert isinstance(shown, str if kind == "timer" else float)


def test_timers_that_add_up_to_more_than_any_time_are_shown() -> None:
    for value in (float("inf"), float("-inf"), float("nan"), 1e300, -1e300, 1e19):
        assert str(metric_value(Metric("timer", "m", value, {}))).startswith("PT")
