import pytest

from kestrel_cli.web.address import Failure, address_of, refused


@pytest.mark.parametrize(
    "text",
    [
        "169.254.169.254", "169.254.0.1", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "fd00:ec2::254", "100.100.100.200",
        "168.63.129.16",
    ],
)  # fmt: skip
def test_metadata_addresses_are_refused(text):
    assert refused(text)


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "10.0.0.1", "8.8.8.8", "2001:db8::1"])
def test_other_addresses_are_not(text):
    assert not refused(text)


@pytest.mark.parametrize(
    "uri",
    [
        "", "x", "/x", "ftp://h/", "file:///etc/passwd", "http://", "http:///x", "http://h:99999/",
        "http://[::1", "http://h/a b", "http://h/\r\nX: y", "http://h\r\n/", "http://me:pw@h/",
        "javascript:x", "//h/x",
    ],
)  # fmt: skip
def test_an_address_that_is_not_http_is_refused(uri):
    with pytest.raises(Failure) as failure:
        address_of(uri)
    assert "pw" not in str(failure.value)
