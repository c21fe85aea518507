"""io.kestra.plugin.serdes.xml.IonToXml"""

from typing import ClassVar

from kestrel_cli.tasks.base import Dynamic, Outcome, RunContext, RunnableTask
from kestrel_cli.tasks.properties.words import zone
from kestrel_cli.tasks.rows.ion_rows import read_rows
from kestrel_cli.tasks.serdes.text_files import CHARSET, charset, writing
from kestrel_cli.tasks.serdes.xml_writing import element_lines, element_name


class IonToXml(RunnableTask):
    """Convert rows into an XML file: an `item` for each below the root element `rootName`.

    Counter `records` says how many rows were written.
    """

    from_: Dynamic[str]
    charset: Dynamic[str] = CHARSET
    rootName: Dynamic[str] = "items"
    timeZoneId: Dynamic[str] | None = None

    gives: ClassVar[dict[str, str]] = {
        "uri": "the address of the new file in internal storage",
        "size": "how many rows were written",
    }
    measures: ClassVar[dict[str, str]] = {"records": "counter: rows that were written"}

    def run(self, ctx: RunContext) -> Outcome:
        encoding = charset(ctx, self.charset)
        root = element_name(ctx.text(self.rootName))
        where = zone(ctx, self.timeZoneId)
        source = ctx.files.open(ctx.text(self.from_))
        with (
            source,
            ctx.files.create(".xml") as file,
            writing(file, encoding, "xmlcharrefreplace") as out,
        ):
            out.write(f"<?xml version='1.0' encoding='{encoding.upper()}'?>\n")
            count = 0
            for row in read_rows(source):
                if not count:
                    out.write(f"<{root}>\n")
                count += 1
                out.writelines(element_lines("item", row, where, "  "))
            out.write(f"</{root}>\n" if count else f"<{root}/>\n")
        ctx.count("records", count)
        return Outcome({"uri": file.uri, "size": count})
