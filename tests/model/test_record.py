import pytest

from kestrel_cli.model.record import fresh, record


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
