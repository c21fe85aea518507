from kestrel_cli.model.merging import merged, without_nulls


def test_maps_are_merged_at_any_depth_and_the_old_one_stays() -> None:
    old = {"a": {"b": {"c": 1}}, "x": 1}
    assert merged(old, {"a": {"b": {"d": 2}}, "y": 3}) == {
        "a": {"b": {"c": 1, "d": 2}},
        "x": 1,
        "y": 3,
    }
    assert old == {"a": {"b": {"c": 1}}, "x": 1}


def test_a_list_gets_the_items_that_it_has_not() -> None:
    assert merged({"a": [1, 2]}, {"a": [2, 3]}) == {"a": [1, 2, 3]}


def test_anything_else_is_replaced_and_null_changes_nothing() -> None:
    assert merged({"a": {"b": 1}, "c": 1}, {"a": 2, "c": None}) == {"a": 2, "c": 1}
    assert merged({}, {"a": None}) == {"a": None}


def test_depth_is_no_matter() -> None:
    old, new = {"end": 1}, {"other": 2}
    for _ in range(5000):
        old, new = {"a": old}, {"a": new}
    found = merged(old, new)
    for _ in range(5000):
        found = found["a"]
    assert found == {"end": 1, "other": 2}


def test_nulls_are_dropped_at_any_depth() -> None:
    value: dict[str, object] = {"x": None, "y": [None, 1]}
    for _ in range(5000):
        value = {"down": value, "gone": None}
    found = without_nulls(value)
    for _ in range(5000):
        assert list(found) == ["down"]
        found = found["down"]
    assert found == {"y": [None, 1]}
