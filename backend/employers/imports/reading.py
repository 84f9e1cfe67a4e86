"""From the bytes of a file to its rows, whatever the format."""

from django.conf import settings
from django.utils.translation import gettext as _

from .jobposting import read_json
from .rows import Source, file_error
from .tables import read_csv, read_xlsx


def read_rows(content: bytes) -> Source:
    """The rows of a file; raises ValidationError on `file` when it cannot be used as a whole."""
    if len(content) > settings.IMPORT_MAX_BYTES:
        megabytes = settings.IMPORT_MAX_BYTES // 2**20
        raise file_error(_("The file is larger than %(limit)d MB.") % {"limit": megabytes})
    if content.startswith(b"PK\x03\x04"):
        source = read_xlsx(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise file_error(_("This is an old Excel file. Save it as XLSX."))
    else:
        text = _decode(content)
        source = read_json(text) if text.lstrip()[:1] in ("{", "[") else read_csv(text)
    if not source.rows:
        raise file_error(_("There is no opening in this file."))
    return source


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise file_error(_("The text is encoded as UTF-16. Save the file as UTF-8."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise file_error(
            _("Line %(line)d is not UTF-8 text; it may be Windows-1250. Save the file as UTF-8.") % {"line": line}
        ) from error
    if text.count("\x00") > len(text) // 100:
        raise file_error(_("This is not a text file."))
    return text
