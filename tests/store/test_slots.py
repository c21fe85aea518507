import pytest

from kestrel_cli.store.slots import Slots


def test_there_are_as_many_places_as_the_limit_says(tmp_path):
    slots = Slots(tmp_path / "flow", 2)
    taken = [slots.take() for _ in range(3)]
    assert [one is not None for one in taken] == [True, True, False]
    for one in taken[:2]:
        one.leave()


def test_a_place_that_is_left_is_free_again(tmp_path):
    slots = Slots(tmp_path / "flow", 1)
    slots.take().leave()
    again = slots.take()
    assert again is not None
    again.leave()


def test_others_see_the_same_places(tmp_path):
    mine = Slots(tmp_path / "flow", 1).take()
    assert Slots(tmp_path / "flow", 1).take() is None
    mine.leave()


def test_each_flow_has_its_own_places(tmp_path):
    taken = [Slots(tmp_path / name, 1).take() for name in ("a", "b")]
    assert None not in taken
    for one in taken:
        one.leave()


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Slots(tmp_path / "file" / "flow", 1).take()
