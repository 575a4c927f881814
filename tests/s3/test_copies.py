"""Copies that are asked for again: what came meanwhile is not overwritten, whatever the store makes of conditions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from s3.calls import MD5_X, REF
from s3.conftest import Rig, Start
from servers.raw import Answer, Request, ResetError, s3_answer, s3_error

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectInfo
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.writes import Condition, Stored

SOURCE = ObjectInfo("old", 1, 0, MD5_X, "text/plain")
OLD, THEIRS = "1" * 32, "2" * 32


def lost(_request: Request) -> Answer:
    """The reply is lost."""
    raise ResetError


FAILS: dict[str, Callable[[Request], Answer]] = {
    "lost": lost,
    "503": lambda _request: s3_error(503, "SlowDown"),
    "500": lambda _request: s3_error(500, "InternalError"),
}


def store_that(start: Start, fails: Callable[[Request], Answer], *there: str) -> Rig:
    """A store that ignores conditions and fails once; of HEADs after that each finds the next of ``there`` ("": nothing)."""
    found = iter(there)
    puts: list[Request] = []

    def handler(request: Request) -> Answer:
        if request.method == "HEAD":
            etag = next(found)
            return s3_answer(200, ETag=f'"{etag}"', Content_Length="1") if etag else s3_answer(404)
        puts.append(request)
        if len(puts) == 1:
            return fails(request)
        return s3_answer(200, f"<CopyObjectResult><ETag>&quot;{MD5_X}&quot;</ETag></CopyObjectResult>")

    return start(handler)


def copy(rig: Rig, etag: str = "", source: ObjectInfo = SOURCE) -> Stored:
    """Copy to ``REF`` over what has this ETag."""
    return rig.store.copy_object(source, REF.bucket, REF, Condition(etag), CallControl())


def methods(rig: Rig) -> list[str]:
    """What the store was asked for."""
    return [request.method for request in rig.server.requests]


@pytest.mark.parametrize("etag", ["", OLD], ids=["new", "over"])
@pytest.mark.parametrize("fails", FAILS)
def test_what_came_meanwhile_is_kept(start: Start, fails: str, etag: str) -> None:
    rig = store_that(start, FAILS[fails], etag, THEIRS, THEIRS)
    with pytest.raises(BrowserError) as caught:
        copy(rig, etag)
    assert (caught.value.kind, methods(rig).count("PUT")) == (ErrorKind.CHANGED, 1)


@pytest.mark.parametrize("etag", ["", OLD], ids=["new", "over"])
@pytest.mark.parametrize("fails", FAILS)
def test_a_copy_that_was_not_made_is_asked_for_again(start: Start, fails: str, etag: str) -> None:
    rig = store_that(start, FAILS[fails], etag, etag)
    assert copy(rig, etag).etag == MD5_X
    assert methods(rig) == ["PUT", "HEAD", "HEAD", "PUT"]


def test_a_copy_that_was_made_late_is_done(start: Start) -> None:
    rig = store_that(start, lost, "", MD5_X)
    assert copy(rig).etag == MD5_X
    assert methods(rig) == ["PUT", "HEAD", "HEAD"]


def test_what_no_etag_proves_is_not_called_a_copy(start: Start) -> None:
    rig, opaque = store_that(start, lost, f"{MD5_X}-2"), replace(SOURCE, etag=f"{MD5_X}-2")
    with pytest.raises(BrowserError) as caught:
        copy(rig, source=opaque)
    assert (caught.value.kind, methods(rig)) == (ErrorKind.CHANGED, ["PUT", "HEAD"])
