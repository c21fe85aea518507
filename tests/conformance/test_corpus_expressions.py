"""The expressions of real flows are parsed or refused; none crashes."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import render
from kestrel_cli.expressions.check import problems
from tests.conformance import expressions
from tests.conformance.data import CORPUS, FOLDER

_MOST = 4_000  # files are taken by the hash of their content, so that it is always the same ones
_TEXTS = (".yaml", ".yml", ".md")
ROWS = FOLDER / "expressions.jsonl"


def corpus_files() -> list[Path]:
    found = [path for path in CORPUS.rglob("*") if path.suffix in _TEXTS and path.is_file()]
    return sorted(found, key=lambda path: hashlib.sha1(path.read_bytes()).hexdigest())


def templates(text: str) -> Iterator[str]:
    """The expressions in a file, and its lines and paragraphs that hold tags: as they stand."""
    for start in range(len(text)):
        if text.startswith("{{", start):
            end = text.find("}}", start)
            if end > 0:
                yield text[start : end + 2]
    for part in text.split("\n\n"):
        if "{%" in part:
            yield part
            yield from (line for line in part.splitlines() if "{%" in line)


def test_every_expression_of_the_corpus_is_parsed_or_refused() -> None:
    files = corpus_files()
    if not files:
        pytest.skip(f"no corpus in {CORPUS}")
    seen: set[str] = set()
    refused = []
    for path in files:
        for template in templates(path.read_text("utf-8", "replace")):
            if template not in seen and len(seen) < _MOST:
                seen.add(template)
                refused += [(template, one) for one in problems(template)][:1]
    assert len(seen) > 500
    for template, error in refused:
        assert isinstance(error, RenderError)
        assert -1 <= error.at <= len(template), template
    whole = {template for template in seen if "\n" not in template and "{%" not in template}
    bad = [template for template, _ in refused if template in whole]
    assert len(bad) < 0.1 * len(whole), bad[:20]


def test_expressions_of_the_corpus_against_nothing_give_values_or_errors() -> None:
    files = corpus_files()
    if not files:
        pytest.skip(f"no corpus in {CORPUS}")
    seen = {
        template
        for path in files[:150]
        for template in templates(path.read_text("utf-8", "replace"))
    }
    for template in sorted(seen)[:600]:
        for compat in (1, 2):
            with suppress(RenderError):
                render(template, {"inputs": {}, "outputs": {}, "taskrun": None}, compat=compat)


def test_all_rows_render_the_same_twice() -> None:
    if not ROWS.is_file():
        pytest.skip(f"no rows in {ROWS}")
    chance = ("now(", "uuid(", "random", "id()", "nanoId", "ksuid", "Port(", "encrypt(")
    for row in expressions.rows(ROWS):
        if any(word in row["expr"] for word in chance):
            continue
        outcomes = []
        for _ in range(2):
            try:
                context = expressions.value_of(row["context"])
                typed = row.get("mode") == "typed"
                outcomes.append(("value", repr(render(row["expr"], context, typed=typed))))
            except RenderError as error:
                outcomes.append(("error", str(error)))
        assert outcomes[0] == outcomes[1], row["id"]
