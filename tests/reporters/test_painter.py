import subprocess
import sys
from io import StringIO

from kestrel_cli.reporters.painter import write_lines


def test_plain_lines_have_no_codes_and_no_blanks_at_their_end():
    stream = StringIO()
    write_lines([[("ok", "a "), ("plain", "[bold]b[/x] :smile: ")]], stream, colour=False)
    assert stream.getvalue() == "a [bold]b[/x] :smile:\n"


def test_coloured_lines_are_text_in_roles_and_never_markup():
    stream = StringIO()
    write_lines(
        [[("ok", "a "), ("plain", "[bold]b[/x] :smile: " + "x" * 300)]], stream, colour=True
    )
    assert stream.getvalue() == f"\x1b[32ma \x1b[0m[bold]b[/x] :smile: {'x' * 300}\n"


def test_any_number_of_lines_is_written():
    for colour in (False, True):
        stream = StringIO()
        write_lines(([("plain", str(number))] for number in range(1201)), stream, colour)
        assert stream.getvalue().split() == [str(number) for number in range(1201)]


def test_rich_is_not_imported_without_colours():
    code = (
        "import sys\n"
        "from kestrel_cli.reporters.console import Style\n"
        "from kestrel_cli.reporters.outputs import OUTPUTS, Sinks\n"
        "from tests.reporters.builders import each_switch\n"
        "for name, make in OUTPUTS.items():\n"
        "    make(Sinks(sys.stdout, sys.stderr, Style(), Style())).close(each_switch(True), 1)\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('rich', 'ruamel')]\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
