import re

import pytest

from kestrel_cli.tasks import foreign, registry
from kestrel_cli.tasks.foreign.lines import read

AWS = "io.kestra.plugin.aws.s3"


def table(*lines):
    return read([("a.txt", "\n".join(lines))])


# -- how lines are written


def test_a_line_has_a_name_a_sentence_and_outputs():
    found = table("# comment", "", "[aws.s3] Amazon S3", "List | Lists. | objects:rows(key:text)")
    assert found.families == {AWS: "Amazon S3"}
    one = found.task(f"{AWS}.List")
    assert (one.about, one.family, one.exact) == ("Lists.", "Amazon S3", True)
    assert one.outputs == {"objects": "rows"}
    assert one.members["objects"].inside["key"].kind == "text"


def test_a_trigger_is_none_of_the_tasks():
    found = table("[aws.s3] Amazon S3", "!Trigger | Starts. | objects:rows")
    assert (set(found.tasks), set(found.triggers)) == (set(), {f"{AWS}.Trigger"})


def test_patterns_and_shapes_stand_in_for_their_lines():
    found = table(
        "$cell | row:map@FETCH_ONE rows:rows@FETCH",
        "[<database>]",
        "Query | Asks {}. | =NONE size:size $cell",
        "[jdbc.a jdbc.b] A and B < database",
        "Other | Does. | ...",
    )
    assert len(found.tasks) == 4
    one = found.task("io.kestra.plugin.jdbc.b.Query")
    assert one.about == "Asks A and B."
    assert one.outputs == {"size": "size", "row": "map", "rows": "rows"}
    assert not found.task("io.kestra.plugin.jdbc.b.Other").exact


def test_older_names_stand_at_their_types():
    found = table("[aws.s3] Amazon S3", "List | Lists.", "s3.List = aws.s3.List")
    assert found.task(f"{AWS}.List").older == ("io.kestra.plugin.s3.List",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("List", "a line has two or three parts"),
        ("List | Lists. | objects", "no output: objects"),
        ("List | Lists. | objects:what", "no kind: what"),
        ("List | Lists. | objects:rows@MANY", "no way to fetch: MANY"),
        ("List | Lists. | objects:rows(key:text", "`(` without `)`"),
        ("List | Lists. | objects:rows)", "`)` without `(`"),
        ("List | Lists. | a:text a:text", "twice: a"),
        ("Get | Gets.", f"twice: {AWS}.Get"),
        ("[aws.s3", "no heading"),
    ],
)
def test_a_wrong_line_is_named_with_its_place(line, said):
    with pytest.raises(ValueError, match=re.escape(f"a.txt:3: {said}")):
        table("[aws.s3] Amazon S3", "Get | Gets.", line).task(f"{AWS}.List")


# -- what is fetched


def query(**properties):
    found = table(
        "[a] A",
        "Query | Asks. | =STORE size:size row:map@FETCH_ONE rows:rows@FETCH uri:uri@STORE"
        " all:rows(row:map@FETCH_ONE)",
    )
    made = found.task("io.kestra.plugin.a.Query").made_by(properties)
    return {name for name in made if name not in ("size", "all")}, set(made["all"].inside)


@pytest.mark.parametrize(
    ("properties", "made"),
    [
        ({}, {"uri"}),
        ({"fetchType": "FETCH"}, {"rows"}),
        ({"fetchType": "FETCH_ONE"}, {"row"}),
        ({"fetchType": "none"}, set()),
        ({"fetchType": "{{ inputs.way }}"}, {"row", "rows", "uri"}),
        ({"fetch": True}, {"rows"}),
        ({"fetchOne": "true", "fetch": False}, {"row"}),
        ({"store": False}, {"uri"}),
        ({"store": "{{ inputs.way }}"}, {"row", "rows", "uri"}),
    ],
)
def test_the_way_of_fetching_says_which_outputs_there_are(properties, made):
    found, inside = query(**properties)
    assert found == made
    assert inside == made & {"row"}


# -- the lines that there are

TYPES = foreign.all_types()
TRIGGERS = foreign.all_triggers()
# Some of these run here; their lines are for those that do not.
MAY_RUN = re.compile(
    r"io\.kestra\.plugin\.core\.|io\.kestra\.plugin\.(docker|dbt\.cli|git|terraform|ansible)\.|\w+CLI$|ssh\."
)


def test_every_line_says_what_its_type_is():
    for one in (*TYPES, *TRIGGERS):
        assert re.fullmatch(r"[A-Z].*\w\S*\.", one.about), one.name
        assert re.fullmatch(r"(?:[a-z][\w]*\.)+[A-Z]\w*", one.name), one.name
        assert one.family, one.name
        assert "{}" not in one.about, one.name


def test_what_is_fetched_has_a_way_that_is_meant():
    for one in (*TYPES, *TRIGGERS):
        inner = [two for two in one.members.values() for two in two.inside.values()]
        ways = {two.fetched for two in (*one.members.values(), *inner)} - {None}
        assert bool(ways) == (one.fetched is not None), one.name


def test_no_type_that_has_a_line_runs_here():
    names = [one.name for one in TYPES] + [old for one in TYPES for old in one.older]
    runs = {name for name in names if not MAY_RUN.search(name) and registry.find(name)}
    assert runs == set()


def test_no_name_is_that_of_two_types():
    names = [name for one in (*TYPES, *TRIGGERS) for name in (one.name, *one.older)]
    assert len(names) == len(set(names))


def test_a_type_is_described_by_its_family_at_least():
    found = foreign.described("io.kestra.plugin.jdbc.oracle.Query")
    assert found is not None
    assert found.about == "Runs one SQL statement in Oracle."
    assert found.outputs == {"size": "size", "row": "map", "rows": "rows", "uri": "uri"}
    unknown = foreign.described("io.kestra.plugin.jdbc.oracle.Nothing")
    assert unknown is not None
    assert (unknown.family, unknown.exact, unknown.outputs) == ("Oracle", False, {})
    assert foreign.described("com.example.Query") is None


def test_triggers_tell_what_they_give():
    found = foreign.trigger_outputs("io.kestra.plugin.jdbc.oracle.Trigger")
    assert found is not None
    assert found["rows"] == "rows"
    known = foreign.trigger("io.kestra.plugin.jdbc.oracle.Trigger")
    assert known is not None
    assert known.made_by({"fetchType": "FETCH"}).keys() == {"size", "rows"}
    assert foreign.trigger_outputs("io.kestra.plugin.jdbc.oracle.Query") is None
