"""Decoding pictures of strangers: few formats and small limits. The window has it done by ``pictures``, in another process.

Run as ``python -m cloudtemple_browser.ui.images`` it is that process. It takes a picture at a time on its standard input and
answers with pixels, has few rights and little memory, and ends with its input, or when nobody has asked it for a while.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import struct
import sys
import threading
from pathlib import Path
from typing import IO

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

FORMATS = (b"png", b"jpeg", b"gif", b"webp", b"bmp")  # no SVG, PDF, TIFF, ICNS: parsers with a history
MAX_SIDE = 2048
"""Pixels: more is never shown."""
PIXEL = 4
"""Bytes of a pixel in an answer, which is ``QImage.Format_ARGB32_Premultiplied`` without gaps between the lines."""
SIZE = struct.Struct("<Q")
"""What stands before a picture: how many bytes it has."""
SIDES = struct.Struct("<II")
"""What stands before the pixels: width and height, both 0 for no picture and for the first word, that all is loaded."""

_MAX_DECODED = 64  # MiB
_ROOM = 192 << 20  # bytes that one picture may take: as it came, twice, decoded, made smaller, and as the answer
_LONGEST = 10.0  # seconds for one picture, if the program that would end this after less is gone
_IDLE = 120.0  # seconds without a picture
_MAGIC = ((b"\x89PNG", b"png"), (b"\xff\xd8", b"jpeg"), (b"GIF8", b"gif"), (b"RIFF", b"webp"), (b"BM", b"bmp"))


def decode_image(data: bytes) -> QImage:
    """Decode the first picture of ``data``; a null image when it is damaged, of another format, or too large. Any thread."""
    kind = next((name for magic, name in _MAGIC if data.startswith(magic)), None)
    if kind is None:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() * 4 > _MAX_DECODED << 20:
        return QImage()
    if max(size.width(), size.height()) > MAX_SIDE:
        reader.setScaledSize(size.scaled(QSize(MAX_SIDE, MAX_SIDE), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def main() -> int:
    """Serve until standard input ends. Nothing that a picture makes a decoder do reaches more than this process."""
    into = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    source = os.fdopen(0, "rb")
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device
        QImageReader.setAllocationLimit(_MAX_DECODED)
        nothing = QBuffer()
        nothing.open(QIODevice.OpenModeFlag.ReadOnly)
        for kind in FORMATS:  # Qt's plug-ins are loaded now: no picture has to wait for them
            QImageReader(nothing, QByteArray(kind)).canRead()
        _give_up_rights()
        _answer(into, QImage())
        while True:
            idle = threading.Timer(_IDLE, os._exit, (0,))
            idle.daemon = True
            idle.start()
            head = source.read(SIZE.size)
            idle.cancel()
            if len(head) < SIZE.size:
                return 0
            faulthandler.dump_traceback_later(_LONGEST, exit=True, file=nowhere)  # which needs no interpreter
            data = source.read(SIZE.unpack(head)[0])
            _answer(into, decode_image(data))
            faulthandler.cancel_dump_traceback_later()


def _answer(into: IO[bytes], image: QImage) -> None:
    if not image.isNull():
        image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    into.write(SIDES.pack(image.width(), image.height()))
    if not image.isNull():
        into.write(image.constBits())
    into.flush()


def _give_up_rights() -> None:
    """From now on write no file, leave no core, and take no more memory than a picture needs.

    Only where the system has such limits. Everywhere else what is left is that this is another process, and Qt's own limit.
    """
    if sys.platform == "win32":
        return
    import resource

    limits = [(resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)]
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])  # what it has for data by now (proc(5))
        limits.insert(0, (resource.RLIMIT_DATA, pages * resource.getpagesize() + _ROOM))
    for which, most in limits:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(which, (most, most))


if __name__ == "__main__":
    sys.exit(main())
