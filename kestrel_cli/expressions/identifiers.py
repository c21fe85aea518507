"""Names of templates as parts of Python identifiers: no code is made of text as it was written."""


def mangled(name: str) -> str:
    """`name` itself where Python reads it as one plain word, else `0` and its bytes in
    hexadecimal.
    """
    if name.isascii() and name.isidentifier():
        return name
    return "0" + name.encode("utf-8", "surrogatepass").hex()


def unmangled(text: str) -> str:
    """The name that `mangled` was given."""
    if text.startswith("0"):
        return bytes.fromhex(text[1:]).decode("utf-8", "surrogatepass")
    return text
