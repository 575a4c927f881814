"""The Content-Type of an object from its name: the same on every machine, whatever its registry or mime.types says."""

from __future__ import annotations

import mimetypes

DEFAULT = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"

# Python's own table without this machine's additions, and what it lacks. ``a.tar.gz`` is stored as it is: its type is the
# compression's, never "x-tar with Content-Encoding gzip", which would make browsers unpack it on the way down.
_ENDINGS: dict[str, str] = {
    **mimetypes.MimeTypes(filenames=()).types_map[True],
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".bz2": "application/x-bzip2",
    ".csv": "text/csv",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".flac": "audio/flac",
    ".gz": "application/gzip",
    ".heic": "image/heic",
    ".ics": "text/calendar",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".log": "text/plain",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mkv": "video/x-matroska",
    ".mp4": "video/mp4",
    ".ndjson": "application/x-ndjson",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".parquet": "application/vnd.apache.parquet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rar": "application/vnd.rar",
    ".sql": "application/sql",
    ".sqlite": "application/x-sqlite3",
    ".svg": "image/svg+xml",
    ".tbz2": "application/x-bzip2",
    ".tgz": "application/gzip",
    ".toml": "application/toml",
    ".ts": "text/plain",
    ".txz": "application/x-xz",
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xml": "application/xml",
    ".xz": "application/x-xz",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zip": "application/zip",
    ".zst": "application/zstd",
}


def content_type_of(name: str) -> str:
    """The Content-Type for ``name`` (a key or a file name); ``application/octet-stream`` when its ending says nothing."""
    # Not guess_type: it reads names as URLs, and a key such as "a.b://[x" is none.
    return _ENDINGS.get(name[name.rfind(".") :].lower(), DEFAULT) if "." in name else DEFAULT


def family_of(name: str) -> str:
    """The icon family of a name: image, video, audio, archive, text, code, data, document or unknown."""
    kind = content_type_of(name)
    main, _, sub = kind.partition("/")
    if main in ("image", "video", "audio"):
        return main
    if kind in _ARCHIVES:
        return "archive"
    if kind in _DATA:
        return "data"
    if kind in _CODE:
        return "code"
    if main == "text":
        return "text"
    return "document" if sub == "pdf" or "document" in sub or "presentation" in sub or "sheet" in sub else "unknown"


_ARCHIVES = frozenset(
    f"application/{name}" for name in ("zip", "gzip", "x-7z-compressed", "x-xz", "zstd", "x-tar", "x-bzip2", "vnd.rar")
)
_DATA = frozenset(
    {"text/csv", "text/tab-separated-values", "application/vnd.apache.parquet", "application/x-sqlite3", "application/x-ndjson"}
)
_CODE = frozenset(
    {"application/json", "application/xml", "text/xml", "application/yaml", "application/toml", "text/javascript"}
    | {"text/x-python", "text/html", "text/css", "application/x-sh", "application/wasm", "text/x-c", "application/sql"}
)
