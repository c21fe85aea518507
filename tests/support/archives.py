"""Archives and compressed files of the tests' own, good ones and bad ones."""

import io
import tarfile
import zipfile


def zip_of(files: dict[str, bytes], **attributes: object) -> bytes:
    """A ZIP archive with entries whose names are not looked at."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = name
            info.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in attributes.items():
                setattr(info, attribute, value)
            archive.writestr(info, content)
    return made.getvalue()


def tar_of(files: dict[str, bytes | dict[str, object]]) -> bytes:
    """A TAR archive; a map instead of a content holds the attributes of an entry without one."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, dict):
                for attribute, value in content.items():
                    setattr(info, attribute, value)
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def lzw_of(data: bytes, most: int = 16, *, clears: bool = True, clear_at: int = 0) -> bytes:
    """A file of the program `compress`; the table is cleared once it has `clear_at` codes."""
    codes = _Codes(most, clears=clears)
    text = b""
    for at in range(len(data)):
        letter = data[at : at + 1]
        if text + letter in codes.table:
            text += letter
            continue
        codes.put(text)
        codes.learn(text + letter)
        text = letter
        if clear_at and codes.free >= clear_at:
            codes.clear()
            clear_at = 0
    if text:
        codes.put(text)
    codes.flush(padded=False)
    return bytes(codes.made)


class _Codes:
    """Codes are written in groups of eight; when their length changes a group is filled up."""

    def __init__(self, most: int, *, clears: bool) -> None:
        self.made = bytearray(b"\x1f\x9d" + bytes([most | (0x80 if clears else 0)]))
        self.most = most
        self.group: list[int] = []
        self.start(257 if clears else 256)

    def start(self, free: int) -> None:
        self.table = {bytes([code]): code for code in range(256)}
        self.bits, self.free = 9, free

    def put(self, text: bytes) -> None:
        self.group.append(self.table[text])
        if len(self.group) == 8:
            self.flush(padded=True)

    def learn(self, text: bytes) -> None:
        if self.free < 1 << self.most:
            self.table[text] = self.free
            self.free += 1
        # The reader learns each code one step later.
        if self.free > 1 << self.bits and self.bits < self.most:
            self.flush(padded=True)
            self.bits += 1

    def clear(self) -> None:
        self.table[b""] = 256
        self.put(b"")
        self.flush(padded=True)
        self.start(257)

    def flush(self, *, padded: bool) -> None:
        if self.group:
            number = sum(code << (at * self.bits) for at, code in enumerate(self.group))
            size = self.bits if padded else (len(self.group) * self.bits + 7) // 8
            self.made += number.to_bytes(size, "little")
            self.group.clear()
