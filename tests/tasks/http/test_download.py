import pytest

from kestrel_cli.errors import TaskFailed
from kestrel_cli.worker.services import Given
from tests.support.flows import written
from tests.support.reach import ReachingContext
from tests.support.stored import content, name_of

DOWNLOAD = "io.kestra.plugin.core.http.Download"


@pytest.fixture
def download(base, ctx):
    """Run a Download of a path; returns its outputs."""

    def run(path, **properties):
        return written(DOWNLOAD, uri=base + path, **properties).run(ctx).outputs

    return run


def test_a_file_is_stored(download, ctx):
    outputs = download("/rows")
    assert content(ctx, outputs["uri"]) == "a,b\n1,2\n"
    assert (outputs["code"], outputs["length"]) == (200, 8)
    assert outputs["headers"]["X-Row"] == ["1", "2"]
    assert ctx.logs[-1][1].endswith("/rows' downloaded with size '8'")


def test_a_file_that_comes_in_chunks_is_whole(download, ctx):
    outputs = download("/chunked")
    assert content(ctx, outputs["uri"]) == "Hello World\n" * 1000
    assert outputs["length"] == 12_000


def test_a_packed_answer_is_unpacked(download, ctx):
    assert content(ctx, download("/gzip")["uri"]) == "packed"


@pytest.mark.parametrize(
    ("path", "properties", "name"),
    [
        ("/rows/x.tar.gz?a=b.c", {}, ".gz"),
        ("/rows/%2e%2e%2f.%2fetc", {}, ""),
        ("/rows/x.csv", {"saveAs": "data/<name>.json"}, "data/<name>.json"),
        ("/named/x.csv", {}, "résumé..txt"),
        ("/named/x.csv", {"saveAs": "data.json"}, "data.json"),
        ("/badly-named/x.csv", {}, ".csv"),
    ],
)
def test_the_name_is_the_flows_the_servers_or_a_unique_one(download, ctx, path, properties, name):
    uri = download(path, **properties)["uri"]
    found = ctx.files.local(uri)
    assert found.name.endswith(name.rpartition("/")[2])
    if name.startswith("."):
        assert len(name_of(uri)) > len(name)


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a\\..\\..\\x"])
def test_a_file_is_not_saved_elsewhere(download, name):
    with pytest.raises(Exception, match=r"Path must not contain|must be relative"):
        download("/rows", saveAs=name)


def test_an_empty_answer_is_a_failure(download, tmp_path):
    with pytest.raises(TaskFailed, match=r"^No response from server$"):
        download("/empty")
    assert not [path for path in (tmp_path / "state").rglob("*") if path.is_file()]


def test_an_empty_answer_may_be_allowed(download, ctx, base):
    outputs = download("/empty", failOnEmptyResponse=False)
    assert (content(ctx, outputs["uri"]), outputs["length"]) == ("", 0)
    assert ("WARN", f"File '{base}/empty' is empty") in ctx.logs
    assert download("/empty", options={"allowFailed": True})["code"] == 204


def test_a_code_of_failure_is_the_failure_of_the_task(download, ctx):
    with pytest.raises(TaskFailed, match="Failed http request with response code '417' and body:"):
        download("/417")
    outputs = download("/417", options={"allowFailed": True})
    assert (outputs["code"], content(ctx, outputs["uri"])) == (417, '{"wrong": true}')


@pytest.mark.parametrize(
    ("path", "why"), [("/short", "before it is whole"), ("/brotli", "not ask")]
)
def test_half_a_file_is_not_stored(download, path, why, tmp_path):
    with pytest.raises(TaskFailed, match=why):
        download(path)
    assert not [found for found in (tmp_path / "state").rglob("*") if found.is_file()]


def test_a_body_is_stored_as_it_is_when_its_encoding_was_asked_for(download, ctx):
    assert content(ctx, download("/brotli", headers={"accept-encoding": "br"})["uri"]) == "packed"


def small(tmp_path, size="1000"):
    return ReachingContext(tmp_path, given=Given(settings={"max-download": size}))


@pytest.mark.parametrize("path", ["/bomb", "/chunked", "/large", "/drip"])
def test_a_file_that_is_too_large_is_not_stored(path, base, tmp_path):
    """Unpacked, in chunks, as announced, or without an end."""
    with pytest.raises(TaskFailed, match=r"limit of \d+ B: `--max-download SIZE`"):
        written(DOWNLOAD, uri=base + path).run(small(tmp_path, "5" if path == "/drip" else "1000"))
    assert not [found for found in (tmp_path / "state").rglob("*") if found.is_file()]


def test_a_file_of_just_that_size_is_stored(base, tmp_path):
    ctx = small(tmp_path, "12000")
    assert written(DOWNLOAD, uri=f"{base}/chunked").run(ctx).outputs["length"] == 12_000
    with pytest.raises(TaskFailed, match="larger than the limit of 11999 B"):
        written(DOWNLOAD, uri=f"{base}/chunked").run(small(tmp_path, "11999"))


def test_a_gigabyte_is_the_usual_limit(download):
    with pytest.raises(TaskFailed, match="larger than the limit of 1 GB"):
        download("/large")


@pytest.mark.parametrize("kind", ["Download", "Request"])
def test_long_headers_are_read_by_all(kind, base, ctx):
    task = written(f"io.kestra.plugin.core.http.{kind}", uri=f"{base}/many-headers")
    outputs = task.run(ctx).outputs
    assert len([name for name in outputs["headers"] if name.startswith("X-")]) == 50
    assert "body" not in outputs or outputs["body"] == "behind all of them"
    assert "length" not in outputs or outputs["length"] == 18
