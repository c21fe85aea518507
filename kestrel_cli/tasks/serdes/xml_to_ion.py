"""io.kestra.plugin.serdes.xml.XmlToIon"""

from typing import Any, ClassVar

from kestrel_cli.tasks.base import Dynamic, Model, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.rows.ion_rows import new_rows
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, reading
from kestrel_cli.tasks.serdes.xml_reading import at_pointer, read_xml


class ParserConfiguration(Model):
    """Names of elements that are lists even if there is only one."""

    forceList: Dynamic[list[str]] | None = None


class XmlToIon(RunnableTask):
    """Convert an XML file into one row, or what `query` (`/catalog/book`) finds: a list's elements
    become a row each.

    Counter `records` says how many rows came out.
    """

    from_: Dynamic[str]
    query: Dynamic[str] | None = None
    parserConfiguration: ParserConfiguration | None = None
    unwrapRootCollection: Dynamic[bool] = False
    charset: Dynamic[str] = CHARSET

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the file of rows (Ion)",
        "size": "how many rows came out",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that came out"}

    def run(self, ctx: RunContext) -> Outcome:
        encoding = charset(ctx, self.charset)
        lists = frozenset(self._force_list(ctx))
        query = ctx.text(self.query)
        with reading(ctx, ctx.text(self.from_), encoding) as text, new_rows(ctx) as rows:
            document = read_xml(text, lists)
            if query:
                found = at_pointer(document, query)
                if not found:
                    ctx.log("WARN", f"the query `{query}` finds nothing")
            else:
                unwrap = ctx.boolean(self.unwrapRootCollection)
                found = _unwrapped(document) if unwrap else [document]
            for row in found[0] if found and isinstance(found[0], list) else found:
                rows.add(row)
        ctx.count("records", rows.count)
        return Outcome({"uri": rows.uri, "size": rows.count})

    def _force_list(self, ctx: RunContext) -> list[str]:
        names = self.parserConfiguration.forceList if self.parserConfiguration else None
        return [ctx.text(name) for name in ctx.items(names or [])]


def _unwrapped(document: dict[str, Any]) -> list[Any]:
    """The elements of a root that holds elements of one name only."""
    (root,) = document.values()
    if isinstance(root, dict) and len(root) == 1:
        (inner,) = root.values()
        elements = inner if isinstance(inner, list) else [inner]
        if all(isinstance(element, dict) for element in elements):
            return [elements]
    return [document]
