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
