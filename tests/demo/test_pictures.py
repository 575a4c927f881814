"""The pictures, read back with nothing but the formats' own rules."""

from __future__ import annotations

import struct
import zlib

from cloudtemple_browser.demo.pictures import DAWN, jpeg, png


def test_png_has_every_pixel() -> None:
    data = png(8, 5, DAWN)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += length + 12
    assert struct.unpack(">2I", chunks[b"IHDR"][:8]) == (8, 5)
    rows = zlib.decompress(chunks[b"IDAT"])
    assert len(rows) == 5 * (1 + 8 * 3)
    assert tuple(rows[1:4]) == DAWN(0, 0)


def test_jpeg_has_its_size_and_ends() -> None:
    data = jpeg(6, 4, lambda x, _y: (255, 0, 0) if x < 0.5 else (0, 0, 255))
    frame = data.index(b"\xff\xc0")
    assert struct.unpack_from(">2H", data, frame + 5) == (32, 48)
    assert (data[:2], data[-2:]) == (b"\xff\xd8", b"\xff\xd9")
    scan = data[data.index(b"\xff\xda") + 14 : -2]
    # Canonical codes of ITU-T T.81, table K.3: the luma of red is 76 - 128 = -52, category 6 (code 1110), bits 001011; then 0.
    assert f"{int.from_bytes(scan[:2], 'big'):016b}".startswith("1110" + "001011" + "0")
