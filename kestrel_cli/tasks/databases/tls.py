"""TLS of connections to database servers."""

import ssl

from kestrel_cli.errors import TaskFailed


def context(*, verify: bool, host: bool, roots: str = "") -> ssl.SSLContext:
    """A context that checks nothing, or the certificate, or also the `host` it is for. `roots` are
    certificates in PEM form. Raises TaskFailed.
    """
    try:
        made = ssl.create_default_context(cadata=roots or None)
    except (ssl.SSLError, ValueError) as error:
        raise TaskFailed(f"the root certificate can't be read: {error}") from None
    made.check_hostname = host
    made.verify_mode = ssl.CERT_REQUIRED if verify or host else ssl.CERT_NONE
    return made
