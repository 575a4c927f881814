"""Small pictures drawn in code, so that the repository holds no binary files: PNG and JPEG landscapes and an SVG."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

Colour = tuple[int, int, int]
Picture = Callable[[float, float], Colour]
"""The colour at a point of the unit square; (0, 0) is the upper left corner."""


@dataclass(frozen=True, slots=True)
class Landscape:
    """A sky, a sun and three ranges of hills."""

    sky: Colour
    horizon: Colour
    sun: Colour
    hills: Colour
    phase: float
    sun_at: tuple[float, float] = (0.7, 0.3)

    def __call__(self, x: float, y: float) -> Colour:
        """The colour at a point."""
        for depth in (2, 1, 0):
            waves = 0.07 * math.sin(6 * x + self.phase + 2.1 * depth) + 0.025 * math.sin(17 * x + depth)
            if y > 0.56 + 0.16 * depth + waves:
                return _mix(self.hills, self.horizon, 0.28 * (2 - depth))
        background = _mix(self.sky, self.horizon, min(1.0, y / 0.7))
        distance = math.hypot((x - self.sun_at[0]) * 1.5, y - self.sun_at[1])
        return self.sun if distance < 0.09 else _mix(self.sun, background, min(1.0, 0.35 + distance * 1.6))


DAWN = Landscape((38, 52, 110), (250, 176, 128), (255, 236, 190), (44, 38, 74), 0.4)
NOON = Landscape((66, 140, 214), (214, 236, 250), (255, 250, 220), (34, 92, 68), 2.2, (0.3, 0.2))
DUSK = Landscape((24, 20, 56), (214, 92, 88), (255, 196, 120), (20, 18, 40), 4.0, (0.5, 0.45))


def png(width: int, height: int, picture: Picture) -> bytes:
    """A PNG file, 8 bits per channel, without alpha (https://www.w3.org/TR/png-3/)."""
    rows = b"".join(b"\0" + bytes(part for x in range(width) for part in picture(x / width, y / height)) for y in range(height))
    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


# ITU-T T.81, table K.3: how many codes of each length from 1 to 16 bits; the symbols are the categories 0 to 11.
_DC_LENGTHS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1)) + bytes(7)
# One alternating-current symbol only, "end of block", in one bit: every block is flat.
_END_OF_BLOCK = "0"


def jpeg(columns: int, rows: int, picture: Picture) -> bytes:
    """A baseline JPEG file (ITU-T T.81): a mosaic of ``columns`` × ``rows`` flat tiles of 8 × 8 pixels."""
    codes = _canonical_codes(_DC_LENGTHS)
    before = [0, 0, 0]
    bits: list[str] = []
    for tile in range(columns * rows):
        colour = picture(tile % columns / columns, tile // columns / rows)
        for channel, level in enumerate(_luma_and_chroma(colour)):
            difference, before[channel] = level - before[channel], level
            category = abs(difference).bit_length()
            magnitude = difference if difference >= 0 else difference + (1 << category) - 1
            bits.append(codes[category] + (f"{magnitude:0{category}b}" if category else "") + _END_OF_BLOCK)
    stream = "".join(bits)
    stream += "1" * (-len(stream) % 8)
    data = int(stream, 2).to_bytes(len(stream) // 8, "big").replace(b"\xff", b"\xff\0")
    frame = struct.pack(">BHHB", 8, rows * 8, columns * 8, 3) + bytes((1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0))
    segments = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xDB, b"\0" + bytes([8]) * 64),
        (0xC0, frame),
        (0xC4, b"\0" + _DC_LENGTHS + bytes(range(12))),
        (0xC4, b"\x10\x01" + bytes(15) + b"\0"),
        (0xDA, bytes((3, 1, 0, 2, 0, 3, 0, 0, 63, 0))),
    )
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    return b"\xff\xd8" + head + data + b"\xff\xd9"


def svg(text: str) -> bytes:
    """An SVG greeting card. ``text`` is ours: it is not escaped."""
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 240" width="480" height="240">
  <defs><linearGradient id="sky" x2="0" y2="1">
    <stop stop-color="#26346e"/><stop offset="1" stop-color="#fab080"/>
  </linearGradient></defs>
  <rect width="480" height="240" fill="url(#sky)"/>
  <circle cx="350" cy="90" r="34" fill="#ffecbe"/>
  <path d="M0 190 Q120 120 240 180 T480 160 V240 H0Z" fill="#2c264a"/>
  <text x="40" y="80" font-family="sans-serif" font-size="34" fill="#fff">{text}</text>
</svg>
""".encode()


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _luma_and_chroma(colour: Colour) -> tuple[int, int, int]:
    """JFIF's YCbCr around zero: with a quantizer of 8 these are a flat block's coefficients."""
    red, green, blue = colour
    return (
        round(0.299 * red + 0.587 * green + 0.114 * blue) - 128,
        round(-0.168736 * red - 0.331264 * green + 0.5 * blue),
        round(0.5 * red - 0.418688 * green - 0.081312 * blue),
    )


def _canonical_codes(lengths: bytes) -> list[str]:
    codes, code = [], 0
    for length, count in enumerate(lengths, 1):
        for _ in range(count):
            codes.append(f"{code:0{length}b}")
            code += 1
        code <<= 1
    return codes
