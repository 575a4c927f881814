"""Decoding pictures of strangers: few formats, small limits, off the GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

FORMATS = (b"png", b"jpeg", b"gif", b"webp", b"bmp")  # no SVG, PDF, TIFF, ICNS: parsers with a history
_MAX_DECODED = 64  # MiB
_MAX_SIDE = 2048  # pixels: more is never shown
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
    if max(size.width(), size.height()) > _MAX_SIDE:
        reader.setScaledSize(size.scaled(QSize(_MAX_SIDE, _MAX_SIDE), Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
