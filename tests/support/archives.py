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
    first = 257 if clears else 256
    made = bytearray(b"\x1f\x9d" + bytes([most | (0x80 if clears else 0)]))
    table = {bytes([code]): code for code in range(256)}
    bits, free, group = 9, first, []

    def flush(*, padded: bool) -> None:
        number = sum(code << (at * bits) for at, code in enumerate(group))
        made.extend(number.to_bytes(bits if padded else (len(group) * bits + 7) // 8, "little"))
        group.clear()

    def put(code: int) -> None:
        nonlocal bits
        group.append(code)
        if len(group) == 8:
            flush(padded=True)

    text = b""
    for at in range(len(data)):
        letter = data[at : at + 1]
        if text + letter in table:
            text += letter
            continue
        put(table[text])
        if free < 1 << most:
            table[text + letter] = free
            free += 1
        if free > 1 << bits and bits < most:  # one code later than the reader, who is one behind
            if group:
                flush(padded=True)
            bits += 1
        text = letter
        if clear_at and free >= clear_at:
            put(256)
            if group:
                flush(padded=True)
            table = {bytes([code]): code for code in range(256)}
            bits, free, clear_at = 9, first, 0
    if text:
        put(table[text])
    if group:
        flush(padded=False)
    return bytes(made)
