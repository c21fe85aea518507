"""A certificate for `localhost` and 127.0.0.1 that nobody trusts, for servers of the tests' own.

Made for these tests and good for nothing else.
"""

import ssl
from pathlib import Path

PEM = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQglYAH5IQi//kS4l9n
+R7U49ue6Y8mwK+hSoXI1as1UsWhRANCAASMOCIX/4tejz6c0f3sZg+hj2OhOtud
mEFeQ4aIX4DaQYJ5V+PwaASpKLTf4WcS+PCZcf24PHqpSZSV7FDA1RIz
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBsDCCAVagAwIBAgIUNyYvz9kqMglNYKv3SbFO5HuTHxwwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNa2VzdHJlbCB0ZXN0czAgFw0yNjExMjUxNDU3MjlaGA8yMTI2
MTEwMTE0NTcyOVowGDEWMBQGA1UEAwwNa2VzdHJlbCB0ZXN0czBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABIw4Ihf/i16PPpzR/exmD6GPY6E6252YQV5DhohfgNpB
gnlX4/BoBKkotN/hZxL48Jlx/bg8eqlJlJXsUMDVEjOjfDB6MB0GA1UdDgQWBBQ6
Ux5m+AnHJw0bhPnZKB/JFlLYlDAfBgNVHSMEGDAWgBQ6Ux5m+AnHJw0bhPnZKB/J
FlLYlDAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwDwYDVR0TAQH/BAUwAwEB
/zALBgNVHQ8EBAMCAoQwCgYIKoZIzj0EAwIDSAAwRQIgYCFeF/49xSPMmcHpFx0N
eiZC+vJAG3+tR3KXroelY0kCIQCxPNapqWxcXFFqAwiEMY5XNbPq2sdwaJ4NFrdP
pgrnnA==
-----END CERTIFICATE-----
"""


def pem_file(folder: Path) -> Path:
    """The key and the certificate as a file."""
    place = folder / "tls.pem"
    place.write_text(PEM)
    return place


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS for a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem_file(folder))
    return context
