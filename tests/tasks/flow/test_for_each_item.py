from kestrel_cli.model.frame import Lane
from kestrel_cli.model.index import declared_blocks, enabled_blocks
from kestrel_cli.model.task import Expansion
from tests.support.context import FakeContext
from tests.support.flows import task


def for_each_item(**properties):
    made = task("flow.ForEachItem", "box", items="<uri>", namespace="a", flowId="b", **properties)
    made.__dict__["blocks"] = enabled_blocks(made)
    return made


def test_it_runs_its_three_parts_one_after_the_other():
    made = for_each_item()
    assert made.expand(FakeContext()) == Expansion([Lane("hidden", 0, 3)])
    assert [part.id for part in made.blocks["hidden"]] == ["box_split", "box_items", "box_merge"]


def test_a_batch_is_a_row_unless_it_says_otherwise():
    assert for_each_item().batch.rows == 1


def test_its_parts_have_its_place_in_the_file_and_a_type_of_their_own():
    made = for_each_item()
    for part in declared_blocks(made)["hidden"]:
        assert part.where == made.where
        assert part.type.startswith("io.kestra.plugin.core.flow.ForEachItem$ForEachItem")


def test_what_it_may_fail_of_holds_for_none_of_its_parts():
    flags = [
        (part.allowFailure, part.allowWarning)
        for part in for_each_item(allowFailure=True, allowWarning=True).blocks["hidden"]
    ]
    assert flags == [(False, False)] * 3
