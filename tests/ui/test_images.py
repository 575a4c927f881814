"""Pictures of strangers: quickly decoded or quickly refused."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from cloudtemple_browser.ui.images import decode_image

# What Qt says about damaged files is no failure of ours.
pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.qt_log_ignore("JPEG", "PNG", "GIF", "WebP", "BMP", extend=True)]
LIMIT = 2.0  # seconds


def encoded(kind: str, width: int = 40, height: int = 20) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    assert image.save(buffer, kind), kind  # type: ignore[call-overload]
    return bytes(data.data())


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int) -> bytes:
    """A picture of ``side`` squared pixels in a few kilobytes."""
    packer = zlib.compressobj(9)
    row = b"\0" * (1 + side // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", body)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
def test_usual_pictures(kind: str) -> None:
    image = decode_image(encoded(kind))
    assert (image.width(), image.height()) == (40, 20)
    assert abs(image.pixelColor(5, 5).blue() - 0x99) < 12


def test_a_gif() -> None:
    body = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
    assert decode_image(body).width() == 1


def test_a_large_picture_is_made_smaller() -> None:
    image = decode_image(encoded("JPEG", 4000, 1000))
    assert (image.width(), image.height()) == (2048, 512)


@pytest.mark.parametrize("side", [8_000, 30_000])
def test_a_bomb_is_refused_at_once(side: int) -> None:
    body = png_bomb(side)
    assert len(body) < 1 << 20
    start = time.monotonic()
    assert decode_image(body).isNull()
    assert time.monotonic() - start < LIMIT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><rect width='9' height='9'/></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"II*\x00\x08\x00\x00\x00" + b"\0" * 100,
        b"MM\x00*" + b"\0" * 100,
        b"%PDF-1.7",
        b"\x00\x00\x01\x00\x01\x00",
        b"icns" + b"\0" * 100,
        b"P6 10 10 255\n" + b"\0" * 300,
        b"/* XPM */",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 1000,
        b"\xff\xd8" + b"\0" * 1000,
        b"GIF89a" + b"\xff" * 10,
        b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        b"BM" + b"\xff" * 100,
    ],
    ids=range(17),
)
def test_what_is_no_such_picture(body: bytes) -> None:
    assert decode_image(body).isNull()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_cut_pictures_do_no_harm(kind: str, part: float) -> None:
    body = encoded(kind, 300, 300)
    image = decode_image(body[: int(len(body) * part)])
    assert image.isNull() or (image.width(), image.height()) == (300, 300)


def test_a_picture_is_not_decoded_as_another_kind(qapp: QApplication) -> None:
    assert decode_image(b"BM" + encoded("PNG")).isNull()
