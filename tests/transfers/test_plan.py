from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.transfers.plan import (
    MIB,
    TransferLimits,
    download_part_size,
    is_md5,
    joined_etag,
    parts,
    upload_part_size,
)

S3 = TransferLimits()
TIB = 1 << 40


@given(st.integers(min_value=0, max_value=5 * TIB))
def test_a_plan_is_within_s3s_limits(size: int) -> None:
    part = upload_part_size(size, S3)
    if not part:
        assert size <= S3.threshold
    else:
        assert 5 * MIB <= part <= 5 << 30
        assert -(-size // part) <= 10_000
        assert part == 8 * MIB or size > 10_000 * (part - MIB)  # no larger than needed


@pytest.mark.parametrize(
    ("size", "part"),
    [
        (0, 0),
        (16 * MIB, 0),
        (16 * MIB + 1, 8 * MIB),
        (80_000 * MIB, 8 * MIB),
        (160_000 * MIB + 1, 17 * MIB),
        (5 * TIB, 525 * MIB),
    ],
)
def test_part_sizes(size: int, part: int) -> None:
    assert upload_part_size(size, S3) == part


def test_a_wanted_part_that_is_too_small_is_raised() -> None:
    assert upload_part_size(30 * MIB, TransferLimits(part=MIB)) == 5 * MIB


def test_more_than_the_largest_object_is_refused_with_both_sizes() -> None:
    with pytest.raises(BrowserError) as caught:
        upload_part_size(5 * TIB + 1, S3)
    assert caught.value.kind is ErrorKind.TOO_LARGE
    assert str(5 * TIB + 1) in str(explain(caught.value).why)


@given(st.integers(0, 10_000), st.integers(1, 3_000))
def test_parts_tile_the_whole(size: int, part_size: int) -> None:
    cut = list(parts(size, part_size))
    assert [part.number for part in cut] == list(range(1, len(cut) + 1))
    assert sum(part.length for part in cut) == size
    assert all(0 < part.length <= part_size for part in cut)
    assert [part.start for part in cut] == [part_size * n for n in range(len(cut))]


@pytest.mark.parametrize(
    ("size", "etag", "part"),
    [
        (16 * MIB, "x", 0),
        (100 * MIB, "x", 8 * MIB),
        (100 * MIB, "d41d8cd98f00b204e9800998ecf8427e", 8 * MIB),
        (100 * MIB, "d41d8cd98f00b204e9800998ecf8427e-13", 8 * MIB),
        (100 * MIB, "d41d8cd98f00b204e9800998ecf8427e-20", 5 * MIB),
        (100 * MIB, "d41d8cd98f00b204e9800998ecf8427e-99", 8 * MIB),  # no usual size gives that
        (5 * TIB, "x", 525 * MIB),
    ],
)
def test_a_download_takes_the_parts_of_the_upload_where_it_can_tell(size: int, etag: str, part: int) -> None:
    assert download_part_size(size, etag, S3) == part


def test_the_etag_of_parts() -> None:
    # An object of two parts, "a" and "b", as S3 and Ceph answer.
    a, b = "0cc175b9c0f1b6a831c399e269772661", "92eb5ffee6ae2fec3ad71c777531578f"
    assert joined_etag([a, b]) == "96e024ba2074fe77e8e965ba43a704be-2"
    assert joined_etag([a, "opaque"]) == "" == joined_etag([])
    assert is_md5(a)
    assert not is_md5(joined_etag([a]))
