"""Who wants to hear of renderings does, and nobody else pays for it."""

import pytest

from kestrel_cli.errors import RenderError
from kestrel_cli.expressions import template as templates
from kestrel_cli.expressions.template import (
    MapScope,
    render,
    render_text,
    renderings_told,
    template,
)


def test_each_rendering_is_told_with_its_scope():
    told = []
    scope = MapScope({"a": 1})
    render_text("{{ a }}", scope)  # made before somebody listens
    with renderings_told(lambda source, where: told.append((source, where))):
        assert render_text("{{ a }}", scope) == "1"
        assert render_text("{{ a }}", scope) == "1"
        assert render_text("{{ a + 1 }}", scope) == "2"
        assert render_text("{{ true }}", scope) == "true"
        assert render_text("no expression", scope) == "no expression"
    sources = ["{{ a }}", "{{ a }}", "{{ a + 1 }}", "{{ true }}"]
    assert told == [(source, scope) for source in sources]
    render_text("{{ a }}", scope)
    assert len(told) == 4


def test_what_fails_was_rendered_and_what_cannot_be_read_was_not():
    told = []
    with renderings_told(lambda source, _: told.append(source)):
        for text in ("{{ nothing }}", "{{ 1 + }}"):
            with pytest.raises(RenderError):
                render(text, {})
    assert told == ["{{ nothing }}"]


def test_templates_are_what_they_were_when_nobody_listens():
    plain = type(template("{{ a }}"))
    with renderings_told(lambda *_: None):
        assert type(template("{{ a }}")) is not plain
        with renderings_told(lambda *_: None):
            pass
        assert type(template("{{ a }}")) is not plain
    assert type(template("{{ a }}")) is plain
    assert templates._hearers == []
