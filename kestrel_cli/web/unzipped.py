"""Answers that come packed."""

import zlib
from collections.abc import Callable
from typing import Final

from kestrel_cli.web.address import Failure

_CHUNK: Final = 65_536
WINDOWS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's `wbits` by encoding


class Unzipped:
    """Unpacks what `source` gives, never more at once than is asked for."""

    def __init__(self, source: Callable[[int], bytes], encoding: str) -> None:
        self._source = source
        self._encoding = encoding
        self._unzip = zlib.decompressobj(WINDOWS[encoding])
        self._rest = b""
        self._begun = False

    def read(self, size: int) -> bytes:
        """The next bytes, at most `size`; none at the end. Raises Failure."""
        while not (plain := self._unpacked(size)) and not self._unzip.eof:
            if not self._rest:
                self._rest = self._source(_CHUNK)
                if not self._rest:
                    raise Failure("the answer ends before it is whole")
        return plain

    def _unpacked(self, size: int) -> bytes:
        if self._unzip.eof:
            return b""
        try:
            plain = self._unzip.decompress(self._rest, size)
        except zlib.error:
            if self._encoding != "deflate" or self._begun:
                raise Failure(f"the answer is not valid {self._encoding}") from None
            # Some servers leave out the zlib frame around it.
            self._unzip = zlib.decompressobj(-15)
            self._begun = True
            return self._unpacked(size)
        self._begun = self._begun or bool(self._rest)
        self._rest = self._unzip.unconsumed_tail
        return plain
