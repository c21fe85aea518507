"""Names of templates as parts of Python identifiers,
so that generated code never holds text as somebody wrote it.
"""


def mangled(name: str) -> str:
    """`name` itself where Python reads it as one plain word,
    else its bytes in hexadecimal after a `0`.
    """
    if name.isascii() and name.isidentifier():
        return name
    return "0" + name.encode("utf-8", "surrogatepass").hex()


def unmangled(text: str) -> str:
    """The name that `mangled` was given."""
    if text.startswith("0"):
        return bytes.fromhex(text[1:]).decode("utf-8", "surrogatepass")
    return text
