"""Pictures of strangers in another process: shown when they are pictures, and no harm when they are not."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from app.rig import until
from PySide6.QtWidgets import QApplication
from ui.test_images import encoded, png_bomb

from cloudtemple_browser.ui import pictures as subject
from cloudtemple_browser.ui.pictures import Pictures

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"


def jpeg_bomb(side: int = 4000, scans: int = 100_000) -> bytes:
    """A progressive picture whose every scan of some bytes is a walk over all of it."""

    def segment(marker: int, body: bytes) -> bytes:
        return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body

    blocks = (side // 8) ** 2
    first = segment(0xDA, bytes((1, 1, 0, 0, 0, 0))) + bytes((blocks + 7) // 8)
    runs = blocks // 32767 + 1
    bits = ("0" + "1" * 14) * runs
    bits += "1" * (-len(bits) % 8)
    body = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    return (
        b"\xff\xd8"
        + segment(0xDB, b"\0" + b"\1" * 64)
        + segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + bytes((1, 0x11, 0)))
        + segment(0xC4, b"\0" + bytes((1, *[0] * 15)) + b"\0")
        + segment(0xC4, b"\x10" + bytes((1, *[0] * 15)) + b"\xe0")
        + first
        + (segment(0xDA, bytes((1, 1, 0, 1, 63, 0))) + body) * scans
        + b"\xff\xd9"
    )


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    pictures = Pictures()
    yield pictures
    pictures.close()
    assert not pictures.process


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP"])
def test_usual_pictures(pictures: Pictures, kind: str) -> None:
    image = pictures.decode(encoded(kind, 41, 20))
    assert (image.width(), image.height()) == (41, 20)
    assert abs(image.pixelColor(40, 19).blue() - 0x99) < 12
    assert abs(image.pixelColor(0, 0).red() - 0x33) < 12


def test_one_process_for_all_pictures(pictures: Pictures) -> None:
    assert pictures.process == 0
    pictures.warm_up()
    first = pictures.process
    assert pictures.decode(GIF).width() == 1
    assert pictures.decode(b"no picture").isNull()
    assert pictures.decode(b"").isNull()
    assert pictures.decode(png_bomb(60_000)).isNull()
    assert pictures.decode(encoded("PNG")).width() == 40
    assert pictures.process == first > 0


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_largest_that_is_shown_has_room(pictures: Pictures, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subject, "_PATIENCE", 60.0)
    image = pictures.decode(encoded(kind, 4096, 4096))
    assert (image.width(), image.height()) == (2048, 2048)


def test_what_takes_too_long_is_given_up(pictures: Pictures) -> None:
    pictures.warm_up()
    first = pictures.process
    begun = time.monotonic()
    assert pictures.decode(jpeg_bomb()).isNull()
    assert time.monotonic() - begun < 10  # it would take minutes
    assert pictures.decode(encoded("JPEG")).width() == 40
    assert pictures.process != first


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
async def test_a_dead_process_is_no_picture_and_the_next_one_is(qapp: QApplication, pictures: Pictures) -> None:
    pictures.warm_up()
    first = pictures.process
    os.kill(first, signal.SIGSEGV)
    await until(lambda: not pictures.process)
    assert pictures.decode(encoded("PNG")).width() == 40
    assert pictures.process != first


def test_after_the_end_there_is_none(pictures: Pictures) -> None:
    pictures.warm_up()
    pictures.close()
    assert pictures.decode(encoded("PNG")).isNull()
    assert not pictures.process


def test_without_a_process_there_is_no_picture(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    assert pictures.decode(encoded("PNG")).isNull()


@pytest.mark.parametrize(
    "answer", [b"", b"\0" * 8 + b"\1\0\0\0\1\0\0\0..", b"\0" * 8 + b"\xff" * 8, b"\0" * 8 + b"\1\10\0\0\1\0\0\0" + b"x" * 9000]
)
def test_a_process_that_was_taken_over_is_not_believed(
    pictures: Pictures, answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too little, too much, or nothing at all."""
    code = f"import sys; sys.stdout.buffer.write({answer!r}); sys.stdout.flush(); sys.stdin.buffer.read(8)"
    spawn = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **more: spawn([sys.executable, "-c", code], **more))
    assert pictures.decode(encoded("PNG")).isNull()


@linux_only
def test_the_process_may_write_no_file_and_take_little_memory(pictures: Pictures) -> None:
    import resource

    pictures.warm_up()
    for which in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        assert resource.prlimit(pictures.process, which) == (0, 0)
    assert resource.prlimit(pictures.process, resource.RLIMIT_DATA)[1] < 400 << 20
