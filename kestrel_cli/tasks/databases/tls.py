"""TLS of connections to database servers."""

import ssl

from kestrel_cli.errors import TaskFailed


def context(*, verify: bool, host: bool, roots: str = "") -> ssl.SSLContext:
    """A context that checks nothing, or the certificate, or also the `host` it is for. `roots` are
    certificates in PEM form. Raises TaskFailed.
    """
    if not verify and not host:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # quicker: no certificates are looked up
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
        return made
    try:
        made = ssl.create_default_context(cadata=roots or None)
    except (ssl.SSLError, ValueError) as error:
        raise TaskFailed(f"the root certificate can't be read: {error}") from None
    made.check_hostname = host
    return made
