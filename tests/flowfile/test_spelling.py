"""Numbers and booleans in text properties."""

from kestrel_cli.flowfile.loader import load_bytes

TASK = "  - {id: t, type: io.kestra.plugin.core.debug.Return"


def flow(tasks=TASK + "}\n", above=""):
    return load_bytes(f"id: f\nnamespace: n\n{above}tasks:\n{tasks}".encode(), "x")


def test_a_text_property_keeps_the_written_text():
    (task,) = flow(f"{TASK}, format: 2.50, description: off}}\n").flow.tasks
    assert (task.format, task.description) == ("2.50", "off")


def test_the_id_of_a_task_is_text_for_all_that_look_at_it():
    found = flow("  - {id: no, type: io.kestra.plugin.core.debug.Return}\n")
    assert (found.flow.tasks[0].id, found.warnings) == ("no", ())


def test_whole_numbers_of_a_task_are_read_first():
    (task,) = flow(f"{TASK}, format: 017}}\n").flow.tasks
    assert task.format == "15"


def test_whole_numbers_of_a_flow_are_not():
    found = flow(above="description: 017\noutputs: [{id: o, type: STRING, value: 017}]\n").flow
    assert (found.description, found.outputs[0].value) == ("017", 15)


def test_a_condition_is_judged_by_its_value():
    (task,) = flow(f"{TASK}, runIf: off}}\n").flow.tasks
    assert task.runIf == "false"


def test_untyped_places_hold_values():
    assert flow(above="variables: {v: 2.50, w: [0b11, off]}\n").flow.variables == {
        "v": 2.5,
        "w": [3, False],
    }


def test_what_an_input_offers_is_text():
    above = (
        "inputs:\n"
        "  - {id: s, type: SELECT, values: [017, off, 2.50], defaults: 2.50}\n"
        "  - {id: n, type: FLOAT, defaults: 2.50}\n"
    )
    choice, number = flow(above=above).flow.inputs
    assert (choice.values, choice.defaults) == (["017", "off", "2.50"], "2.50")
    assert number.defaults == 2.5


def test_the_json_of_a_list_or_map_is_taken_for_a_text():
    found = flow(f"{TASK}, format: {{b: [1, '{{{{ x }}}}'], c: ~}}}}\n")
    (told,) = found.warnings
    assert found.flow.tasks[0].format == '{"b":[1,"{{ x }}"]}'
    assert (told.severity, told.where.line) == ("info", 4)
    assert told.message == "`format` is a text: the JSON of this map is taken for it"
