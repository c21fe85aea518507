import io

import pytest

from kestrel_cli.web.address import Failure
from kestrel_cli.web.bodies import Field, Multipart


def file_field(content, size=None, name="f.txt"):
    found = len(content) if size is None else size
    return Field("file", file_name=name, size=found, open=lambda: io.BytesIO(content))


def test_a_form_is_as_long_as_it_says_each_time_it_is_sent():
    form = Multipart([Field("a", "ü"), file_field(b"x" * 200_000)], "B")
    assert form.content_type == "multipart/form-data; boundary=B"
    for _ in range(2):
        assert sum(map(len, form.parts())) == form.size


def test_nothing_in_a_name_ends_it():
    form = Multipart([Field('a"\r\nX: y', "1"), file_field(b"2", name='b"\n.txt')], "B")
    text = b"".join(form.parts()).decode()
    assert 'name="a%22%0D%0AX: y"\r\n' in text
    assert 'filename="b%22%0A.txt"\r\n' in text


def test_a_file_that_grew_is_sent_as_long_as_it_was():
    form = Multipart([file_field(b"12345", size=3)], "B")
    assert b"\r\n\r\n123\r\n--B--\r\n" in b"".join(form.parts())


def test_a_file_that_shrank_is_a_failure():
    form = Multipart([file_field(b"1", size=3)], "B")
    with pytest.raises(Failure, match=r"'f\.txt' became shorter"):
        list(form.parts())
