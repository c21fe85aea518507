import io

import pytest

from kestrel_cli.cli.input_prompts import Terminal, ask_missing, may_ask
from kestrel_cli.model.fields import made_of
from kestrel_cli.model.flow import Flow
from tests.support.inputs import declared


def flow(*inputs):
    made = [declared(one) for one in inputs]
    return made_of(Flow, {"id": "f", "namespace": "team", "inputs": made})


def render(value, inputs):
    return inputs[value.strip("<>")] if value.startswith("<") else value


def ask(inputs, answers, given=None, hidden=None):
    terminal = Terminal(io.StringIO(answers), io.StringIO(), hidden)
    found = ask_missing(flow(*inputs), given or {}, terminal, render=render)
    return found, terminal.questions.getvalue()


class Tty(io.StringIO):
    def isatty(self):
        return True


def test_questions_need_a_terminal_and_no_ci():
    assert may_ask(Tty(), {})
    assert not may_ask(io.StringIO(), {})
    assert not may_ask(Tty(), {"CI": "true"})
    assert may_ask(Tty(), {"CI": "false"})
    assert not may_ask(Tty(), {}, no_input=True)


def test_only_required_inputs_without_a_value_are_asked_for():
    inputs = [
        {"id": "a"},
        {"id": "b", "defaults": "x"},
        {"id": "c", "required": False},
        {"id": "d"},
    ]

    assert ask(inputs, "1\n", {"d": "2"})[0] == {"a": "1", "d": "2"}


def test_a_question_names_the_type_and_the_description():
    one = {"id": "a", "type": "INT", "displayName": "How many", "description": "of\nthem\x1b[2J"}

    assert ask([one], "1\n")[1] == "How many (INT): of them [2J\na: "


def test_an_answer_that_does_not_fit_is_asked_for_again_with_the_reason():
    found, shown = ask([{"id": "a", "type": "INT"}], "x\n7\n")

    assert found == {"a": "7"}
    assert shown == (
        "a (INT)\n"
        'a:   For input string: "x"\n'
        "  hint: INT wants a whole number from -2147483648 to 2147483647\n"
        "a: "
    )


def test_no_answer_is_asked_for_again():
    found, shown = ask([{"id": "a"}], "\nx\n")

    assert found == {"a": "x"}
    assert "a value is needed" in shown


@pytest.mark.parametrize("answer", ["2", "B"])
def test_a_choice_is_answered_by_number_or_text(answer):
    found, shown = ask([{"id": "a", "type": "SELECT", "values": ["A", "B"]}], f"{answer}\n")

    assert found == {"a": "B"}
    assert shown == "a (SELECT)\n  1. A\n  2. B\na: "


def test_a_number_among_the_choices_is_the_choice_itself():
    assert ask([{"id": "a", "type": "SELECT", "values": [2, 1]}], "2\n")[0] == {"a": "2"}


def test_a_number_beyond_the_choices_is_asked_for_again():
    found, shown = ask([{"id": "a", "type": "SELECT", "values": ["A", "B"]}], "3\n1\n")

    assert found == {"a": "A"}
    assert "it must match the values `[A, B]`" in shown


@pytest.mark.parametrize(
    ("answer", "value"), [("1, C", ["A", "C"]), ('["B"]', '["B"]'), ("B", ["B"])]
)
def test_several_choices_are_separated_by_commas_or_given_as_json(answer, value):
    inputs = [{"id": "a", "type": "MULTISELECT", "values": ["A", "B", "C"]}]

    assert ask(inputs, f"{answer}\n")[0] == {"a": value}


@pytest.mark.parametrize(("answer", "value"), [("y", True), ("No", False), ("true", True)])
def test_a_boolean_is_answered_by_yes_or_no(answer, value):
    assert ask([{"id": "a", "type": "BOOL"}], f"{answer}\n")[0] == {"a": value}


def test_a_boolean_that_is_neither_yes_nor_no_is_asked_for_again():
    found, shown = ask([{"id": "a", "type": "BOOL"}], "maybe\ny\n")

    assert found == {"a": True}
    assert "`maybe` is neither yes nor no" in shown


def test_enter_takes_the_prefill():
    found, shown = ask([{"id": "a", "prefill": "x"}], "\n")

    assert found == {"a": "x"}
    assert "a [x]: " in shown


def test_a_file_has_to_be_there(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("1", encoding="utf-8")
    found, shown = ask([{"id": "a", "type": "FILE"}], f"{path}.no\n{path}\n")

    assert found == {"a": str(path)}
    assert f"no such file: {path}.no" in shown


def test_a_secret_is_read_without_showing_it():
    one = {"id": "a", "type": "SECRET", "prefill": "old"}
    found, shown = ask([one], "", hidden=lambda: "hush")

    assert found == {"a": "hush"}
    assert "old" not in shown


def test_when_a_secret_has_no_answer_it_stays_missing():
    def hidden():
        raise EOFError

    assert ask([{"id": "a", "type": "SECRET"}], "", hidden=hidden)[0] == {}


def test_when_the_answers_end_the_rest_stays_missing():
    assert ask([{"id": "a"}, {"id": "b"}], "1\n")[0] == {"a": "1"}


def test_answers_decide_what_is_asked_next():
    inputs = [
        {"id": "more", "type": "BOOL"},
        {"id": "a", "dependsOn": {"inputs": ["more"], "condition": "<more>"}},
    ]

    assert ask(inputs, "y\nx\n")[0] == {"more": True, "a": "x"}
    assert ask(inputs, "n\n")[0] == {"more": False}


def test_nothing_is_asked_while_what_was_given_is_wrong():
    inputs = [{"id": "a", "type": "INT"}, {"id": "b"}]

    assert ask(inputs, "x\n", {"a": "x"}) == ({"a": "x"}, "")


def test_getpass_reads_secrets_unless_told_otherwise(monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: "hush")

    assert ask([{"id": "a", "type": "SECRET"}], "")[0] == {"a": "hush"}
