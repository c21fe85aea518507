import pytest

from kestrel_cli.model.record import changed, entity, fresh, frozen, record


@record
class Pair:
    """Two values."""

    left: int
    right: list[int] = fresh(factory=list)
    name: str = "pair"

    def total(self) -> int:
        """The sum."""
        return self.left + sum(self.right)


@record
class Nothing:
    """No values."""


def test_a_record_takes_its_values_by_place_and_by_name() -> None:
    pair = Pair(1, [2], name="x")
    assert (pair.left, pair.right, pair.name, pair.total()) == (1, [2], "x", 3)
    assert Nothing() == Nothing()


def test_every_record_has_its_own_fresh_default() -> None:
    one, other = Pair(1), Pair(1)
    one.right.append(5)
    assert other.right == []
    assert Pair(1, None).right is None  # type: ignore[arg-type]  # None is a value like any other


def test_records_are_equal_by_kind_and_values() -> None:
    assert Pair(1, [2]) == Pair(1, [2])
    assert Pair(1) != Pair(2)
    assert Pair(1) != Nothing()
    assert Pair(1) != 1


def test_a_record_has_no_other_attributes_and_no_hash() -> None:
    with pytest.raises(AttributeError):
        Pair(1).other = 1  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        hash(Pair(1))
    with pytest.raises(TypeError):
        Pair()  # type: ignore[call-arg]


def test_a_record_shows_its_values_and_can_be_matched() -> None:
    assert repr(Pair(1, [2])) == "Pair(left=1, right=[2], name='pair')"
    match Pair(1, [2]):
        case Pair(left, [right], name):
            assert (left, right, name) == (1, 2, "pair")
    assert Pair.__doc__ == "Two values."


@frozen
class Fact:
    """What never changes."""

    name: str
    parts: list[int] = fresh(factory=list)
    size: int = 1


@entity
class Thing:
    """What is itself."""

    name: str
    parts: list[int] = fresh(factory=list)


def test_a_fact_is_a_record() -> None:
    assert Fact("a", size=2) == Fact("a", [], 2)
    assert Fact("a") != Fact("b")
    assert repr(Fact("a")) == "Fact(name='a', parts=[], size=1)"
    assert Fact("a").parts is not Fact("a").parts
    match Fact("a", [1]):
        case Fact(name, parts, size):
            assert (name, parts, size) == ("a", [1], 1)
    with pytest.raises(TypeError):
        hash(Fact("a"))


def test_a_fact_is_never_changed() -> None:
    fact = Fact("a")
    with pytest.raises(AttributeError, match=r"^`name` of a Fact is never changed$"):
        fact.name = "b"  # type: ignore[misc]  # that is what is refused
    with pytest.raises(AttributeError, match=r"^`size` of a Fact is never changed$"):
        del fact.size
    with pytest.raises(AttributeError):
        fact.other = 1  # type: ignore[attr-defined]
    assert fact == Fact("a")


def test_a_thing_equals_itself_only() -> None:
    one, other = Thing("a"), Thing("a")
    assert one == one
    assert one != other
    assert {one: 1, other: 2} == {one: 1, other: 2}
    assert len({one, other, one}) == 2
    assert [other, one].index(one) == 1
    one.name = "b"
    assert {one: 1}[one] == 1
    assert repr(one) == "Thing(name='b', parts=[])"
    assert other.parts is not one.parts


@pytest.mark.parametrize("old", [Pair(1, [2]), Fact("a", [2], 3), Thing("a", [2])])
def test_a_changed_copy_leaves_the_old_one_alone(old: object) -> None:
    shown = repr(old)
    first = type(old).__slots__[0]  # type: ignore[attr-defined]  # a record
    made = changed(old, **{first: 9})
    assert type(made) is type(old)
    assert getattr(made, first) == 9
    assert repr(made) != shown == repr(old)
    assert (
        [getattr(made, name) for name in made.__slots__[1:]]
        == [  # type: ignore[attr-defined]
            getattr(old, name)
            for name in old.__slots__[1:]  # type: ignore[attr-defined]
        ]
    )


def test_a_copy_without_changes_is_equal_and_another_one() -> None:
    fact, thing = Fact("a"), Thing("a")
    assert changed(fact) == fact
    assert changed(fact) is not fact
    assert changed(thing) != thing


def test_a_copy_has_no_field_that_the_record_lacks() -> None:
    with pytest.raises(TypeError):
        changed(Fact("a"), other=1)


def test_a_record_that_is_used_often_stays_the_same() -> None:
    @frozen
    class Often:
        """Made by a loop at first, by a compiled function later."""

        first: int
        rest: list[int] = fresh(factory=list)
        name: str = "often"

    for number in range(30):
        made = Often(number, name=f"n{number}")
        assert (made.first, made.rest, made.name) == (number, [], f"n{number}")
        made.rest.append(number)
        assert Often(number, [number]).rest == made.rest


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((1, 2, 3, 4), {}), ((1,), {"left": 2}), ((1,), {"other": 2}), ((), {"name": "x"})],
)
@pytest.mark.parametrize("before", [0, 20])
def test_values_that_do_not_fit_are_refused(values, named, before) -> None:
    @record
    class Fresh:
        """A record of this test alone."""

        left: int
        right: int = 2
        name: str = "x"

    for _ in range(before):
        Fresh(1)
    with pytest.raises(TypeError, match="__init__"):
        Fresh(*values, **named)
    assert Fresh(1).right == 2
