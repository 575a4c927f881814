"""From a failure to the connection and the request that "Why?" looks into."""

from __future__ import annotations

from dataclasses import replace

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, World, failure

from cloudtemple_browser.app.commands import why
from cloudtemple_browser.app.shell import Notice, Refusal
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.text import translate

TWIN = replace(CONNECTION, name="Twin", access_key="AK2", id="twin")


def denied(subject: str = f"s3://{BUCKET}/k", endpoint: str = "", operation: str = "GetObject") -> BrowserError:
    """A refusal at an endpoint."""
    return BrowserError(ErrorKind.ACCESS_DENIED, ErrorFacts(operation, subject, 403, endpoint=endpoint))


async def start(world: World) -> None:
    """Three connections, two of which differ by their key alone."""
    await world.accounts.load()
    await world.accounts.save(TWIN, SecretText("s"), session_only=True)


async def test_the_connection_is_that_of_the_endpoint(world: World) -> None:
    await start(world)
    found = why.refusal_of(world.app, denied(endpoint="other.test"))
    assert found is not None
    assert found.connection == OTHER
    assert (found.question.right, found.question.bucket, found.question.key) == (Right.READ, BUCKET, "k")
    assert why.refusal_of(world.app, denied(endpoint="nobody.test")) is None


async def test_the_open_connection_goes_first_and_a_named_one_before_it(world: World) -> None:
    await start(world)
    host = CONNECTION.host
    world.app.open(Location(TWIN.id, BUCKET))
    found = why.refusal_of(world.app, denied(endpoint=host))
    assert found is not None
    assert found.connection.id == TWIN.id
    named = why.refusal_of(world.app, denied(endpoint=host), CONNECTION.id)
    assert named is not None
    assert named.connection.id == CONNECTION.id
    assert why.refusal_of(world.app, denied(endpoint=host), "deleted") is None


async def test_a_failure_without_a_subject_is_about_the_open_folder(world: World) -> None:
    await start(world)
    world.app.open(Location(CONNECTION.id, BUCKET, "p/"))
    found = why.refusal_of(world.app, BrowserError(ErrorKind.TIMEOUT))
    assert found is not None
    assert (found.question.bucket, found.question.prefix) == (BUCKET, "p/")


async def test_only_what_is_worth_asking(world: World) -> None:
    await start(world)
    world.app.open(Location(CONNECTION.id, BUCKET, "p/"))
    assert why.refusal_of(world.app, failure(ErrorKind.DISK_FULL)) is None
    told = Notice(translate("x", "x"), (("a", failure(ErrorKind.DISK_FULL)), ("b", denied(endpoint="other.test"))))
    assert why.asked_of(world.app, told) is told.failures[1][1]
    await why.ask(world.app, failure(ErrorKind.DISK_FULL))
    assert world.shell.told == []
    await why.ask(world.app, denied(endpoint="other.test"))
    assert [(name, about.connection) for name, about in world.shell.told] == [("why", OTHER)]
    assert isinstance(world.shell.told[0][1], Refusal)
    assert world.shell.notices == []


async def test_a_failure_that_outlived_its_connection_is_told_as_such(world: World) -> None:
    await start(world)
    await why.ask(world.app, denied(endpoint=CONNECTION.host), "deleted")
    await why.ask(world.app, denied(endpoint="nobody.test"))
    assert [notice.text for notice in world.shell.notices] == [why.NO_CONNECTION] * 2
    assert world.shell.told == []


async def test_findings_come_in_order_with_the_saved_secret(world: World) -> None:
    found: list[Finding] = []
    world.factory.findings = tuple(Finding(check, Outcome.GOOD) for check in Check)
    await world.accounts.diagnose(CONNECTION, None, Question(Right.LIST, "b"), found.extend, CallControl())
    assert [one.check for one in found] == list(Check)


async def test_without_a_secret_it_says_so(world: World) -> None:
    unknown = replace(CONNECTION, id="unknown")
    with pytest.raises(BrowserError) as caught:
        await world.accounts.diagnose(unknown, None, Question(Right.LIST), lambda _found: None, CallControl())
    assert caught.value.kind is ErrorKind.NO_CREDENTIALS


async def test_after_cancelling_nothing_comes(world: World) -> None:
    control, found = CallControl(), list[Finding]()
    control.cancel()
    world.factory.findings = (Finding(Check.NAME, Outcome.GOOD),)
    with pytest.raises(Cancelled):
        await world.accounts.diagnose(CONNECTION, None, Question(Right.LIST), found.extend, control)
    assert found == []
