"""Where the window is: what typed text opens, up and back, and what an observer is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from app.rig import BUCKET, CONNECTION, OTHER, World, failure, until

from cloudtemple_browser.app.commands import go
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.shell import FilledForm, KeyringRefusal
from cloudtemple_browser.app.state import SelectionSize, State
from cloudtemple_browser.model.addresses import Location
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.transfers import Limits, TransferRules
from cloudtemple_browser.transfers.events import ObjectsDeleted, ObjectsStored

HERE = CONNECTION.id


async def typed(world: World, text: str) -> bool:
    opened = await world.app.open_text(text)
    await world.listed()
    return opened


@pytest.mark.parametrize(
    ("text", "location", "shown"),
    [
        ("s3://bucket", Location(HERE, BUCKET), []),
        ("s3://bucket/a/", Location(HERE, BUCKET, "a/"), []),
        ("https://bucket.memory.test/a/?X-Amz-Signature=1", Location(HERE, BUCKET, "a/"), []),
        ("s3://bucket/a", Location(HERE, BUCKET, "a/"), []),  # a folder
        ("bucket/a/b.txt", Location(HERE, BUCKET, "a/"), ["a/b.txt"]),  # an object
        ("s3://bucket/top.txt", Location(HERE, BUCKET, ""), ["top.txt"]),
        ("s3://bucket/both", Location(HERE, BUCKET, "both/"), []),  # an object and a folder: what is in it is more
        ("s3://bucket/a//x", Location(HERE, BUCKET, "a//"), ["a//x"]),
        ("https://memory.test/bucket/a/b%2Etxt?X-Amz-Signature=1", Location(HERE, BUCKET, "a/"), ["a/b.txt"]),
        ("https://other.test/elsewhere/", Location(OTHER.id, "elsewhere"), []),
        ("s3://", Location(HERE), []),
    ],
)
async def test_what_typed_text_opens(world: World, text: str, location: Location, shown: list[str]) -> None:
    for key in ("a/b.txt", "a//x", "top.txt", "both", "both/x"):
        world.store.add(BUCKET, key)
    world.factory.store(OTHER).add_bucket("elsewhere")
    await world.open()
    assert await typed(world, text)
    assert world.app.state.location == location
    assert world.shell.shown == shown


@pytest.mark.parametrize("text", ["not a location", "ftp://x/y", "s3://no..bucket", "https://"])
async def test_what_is_no_location_is_refused(world: World, text: str) -> None:
    await world.open()
    assert not await typed(world, text)
    assert world.app.state.location == Location(HERE, BUCKET)


async def test_an_s3_address_needs_an_open_connection(world: World) -> None:
    await world.load()
    assert not await world.app.open_text("s3://bucket/a")
    assert world.app.state.location is None


async def test_the_open_connection_is_preferred_among_those_of_an_endpoint(world: World) -> None:
    twin = replace(CONNECTION, id="c9", access_key="AKIA9")
    world.book.saved = (CONNECTION, twin)
    world.vault.secrets["c9"] = SecretText("s")
    world.factory.store(twin).add_bucket(BUCKET)
    await world.open(connection=twin)
    assert await typed(world, "https://memory.test/bucket/x/")
    assert world.app.state.location == Location("c9", BUCKET, "x/")


async def test_the_url_of_an_unknown_endpoint_asks_for_a_connection(world: World) -> None:
    made = Connection("New", "https://new.test:9000", "AKIA3", id="c3")
    world.factory.store(made).add("data", "a/b")
    await world.open()
    world.shell.answer("connection", None, FilledForm(made, SecretText("s"), session_only=True))
    assert await typed(world, "https://new.test:9000/data/a/b")  # cancelled: nothing happens, and it is no mistake
    assert world.app.state.location == Location(HERE, BUCKET)
    assert await typed(world, "https://new.test:9000/data/a/b")
    assert world.shell.asked == [("connection", (None, "https://new.test:9000"))] * 2
    assert world.app.state.location == Location("c3", "data", "a/")
    assert world.shell.shown == ["a/b"]
    assert made in world.book.saved


async def test_the_form_for_an_unknown_endpoint_comes_back_when_the_keyring_fails(world: World) -> None:
    made, secret = Connection("New", "https://new.test:9000", "AKIA3", id="c3"), SecretText("s")
    world.factory.store(made).add("data", "a/b")
    await world.open()
    world.vault.broken = broken = failure(ErrorKind.KEYRING_LOCKED)

    def again(about: object) -> FilledForm:
        assert about == (made, "")
        assert world.shell.refusal == KeyringRefusal(broken, secret)
        return FilledForm(made, secret, session_only=True)

    world.shell.answer("connection", FilledForm(made, secret, session_only=False), again)
    assert await typed(world, "https://new.test:9000/data/a/b")
    assert world.app.state.location == Location("c3", "data", "a/")
    assert world.shell.shown == ["a/b"]
    assert made in world.book.saved
    await until(lambda: not world.background._tasks)


async def test_a_key_that_may_not_list_still_gets_its_location(world: World) -> None:
    world.store.forbidden[BUCKET] = failure(ErrorKind.ACCESS_DENIED)
    await world.open(bucket="")
    assert await typed(world, "s3://bucket/a")
    assert world.app.state.location == Location(HERE, BUCKET, "a/")
    assert world.app.listing.status.phase is Phase.FAILED


async def test_going_up_selects_where_it_came_from(world: World) -> None:
    world.store.add(BUCKET, "a/b/c")
    await world.open("a/b/")
    seen = []
    for _ in range(4):
        await go.up(world.app)
        await world.listed()
        assert world.app.state.location is not None
        seen.append((str(world.app.state.location), world.shell.shown, [key in world.names() for key in world.shell.shown]))
    assert seen == [
        ("s3://bucket/a/", ["a/b/"], [True]),
        ("s3://bucket/", ["a/"], [True]),
        ("s3://", ["bucket/"], [True]),
        ("s3://", ["bucket/"], [True]),  # nothing is above the list of buckets
    ]


async def test_back_and_forward(world: World) -> None:
    await world.open("a/")
    await world.open("b/")
    assert (world.app.state.can_go_back, world.app.state.can_go_forward) == (True, False)
    await go.back(world.app)
    await world.listed()
    assert world.app.state.location == Location(HERE, BUCKET, "a/")
    assert (world.app.state.can_go_back, world.app.state.can_go_forward) == (False, True)
    await go.back(world.app)
    assert world.app.state.location == Location(HERE, BUCKET, "a/")
    await go.forward(world.app)
    await world.listed()
    assert world.app.state.location == Location(HERE, BUCKET, "b/")
    await go.refresh(world.app)
    await world.listed()
    assert (world.app.state.can_go_back, world.app.state.can_go_forward) == (True, False)


async def test_opening_drops_the_selection(world: World) -> None:
    await world.open()
    world.app.select(SelectionSize(2, 1, 10))
    assert world.app.state.on_objects
    await world.open("a/")
    assert world.app.state.selection == SelectionSize()


async def test_observers_hear_of_changes_only(world: World) -> None:
    await world.open()
    told: list[State] = []
    world.app.state_changed.add(told.append)
    world.app.select(SelectionSize())
    world.app.select(SelectionSize(1))
    world.app.select(SelectionSize(1))
    assert [state.selection.objects for state in told] == [1]


async def test_an_unknown_connection_opens_nothing(world: World) -> None:
    await world.open()
    world.app.open(Location("gone", BUCKET))
    assert world.app.state.location == Location(HERE, BUCKET)


async def test_opening_what_is_selected(world: World) -> None:
    world.store.add(BUCKET, "a/b")
    world.store.add(BUCKET, "x.txt")
    await world.open(bucket="")
    await world.run(go.open_selected, "bucket/")
    await world.listed()
    assert world.app.state.location == Location(HERE, BUCKET)
    await world.run(go.open_selected, "x.txt")
    assert world.shell.told == [("toggle", "preview")]
    await world.run(go.open_selected)
    await world.run(go.open_selected, "a/")
    await world.listed()
    assert world.app.state.location == Location(HERE, BUCKET, "a/")


async def test_a_connection_opens_where_it_begins(world: World) -> None:
    connection = replace(CONNECTION, bucket=BUCKET, prefix="a/")
    world.book.saved = (connection,)
    await world.load()
    world.app.open_connection(connection)
    await world.listed()
    assert world.app.state.location == Location(HERE, BUCKET, "a/")


async def test_leaving_a_deleted_connection(world: World) -> None:
    world.store.add(BUCKET, "x")
    await world.open()
    world.app.connection_gone("c2")
    assert world.app.state.connected
    world.app.connection_gone(HERE)
    assert world.app.state == State(connections=2)
    assert world.names() == []
    assert world.app.connection is None


async def test_settings_are_saved_and_told(world: World) -> None:
    told: list[str] = []
    world.app.settings_changed.add(lambda settings: told.append(settings.theme))
    world.app.change_settings(theme="dark")
    await until(lambda: world.settings.saved.theme == "dark")
    world.app.save_settings_now(language="fr")
    assert (world.settings.saved.theme, world.settings.saved.language) == ("dark", "fr")
    assert told == ["dark"]


async def test_a_failure_is_told_with_its_details(world: World) -> None:
    error = failure(ErrorKind.SERVER)
    world.app.fail(error, "report.txt")
    assert world.shell.notice == "report.txt failed"
    assert world.shell.notices[-1].failures == (("report.txt", error),)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (ErrorFacts(operation="ListObjectsV2", endpoint="h.test"), "ListObjectsV2 failed"),
        (ErrorFacts(endpoint="h.test"), "h.test failed"),
        (ErrorFacts(), "The secret key is missing"),
    ],
)
async def test_a_failure_without_a_name_is_told_by_what_is_known(world: World, facts: ErrorFacts, said: str) -> None:
    world.app.fail(BrowserError(ErrorKind.NO_CREDENTIALS, facts))
    assert world.shell.notice == said


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        (ErrorKind.PARTIAL, "s3://bucket/d/e/", "Nothing was done: The listing is not complete (d/e/)"),
        (ErrorKind.LIST_AGAIN, "s3://bucket/", "Nothing was done: The listing is not complete (bucket)"),
        (ErrorKind.PARTIAL, "d/", "Nothing was done: The listing is not complete (d/)"),
        (ErrorKind.PARTIAL, "", "ListObjectsV2 failed"),
        (ErrorKind.ACCESS_DENIED, "s3://bucket/d/", "ListObjectsV2 failed"),
    ],
)
async def test_a_listing_that_broke_off_is_told_by_what_was_not_done(
    world: World, kind: ErrorKind, subject: str, said: str
) -> None:
    error = BrowserError(kind, ErrorFacts(operation="ListObjectsV2", subject=subject))
    world.app.fail(error)
    assert world.shell.notice == said
    assert world.shell.notices[-1].failures == (("", error),)


async def test_the_demo_is_offered(world: World) -> None:
    started: list[bool] = []
    assert not world.app.state.demo_available
    world.app.offer_demo(lambda: started.append(True))
    assert world.app.state.demo_available


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (State(), set()),
        (State(location=Location("c")), {"connected"}),
        (State(location=Location("c"), selection=SelectionSize(0, 1)), {"connected", "on_one_bucket"}),
        (State(location=Location("c", "b")), {"connected", "in_bucket", "on_one_bucket"}),
        (State(location=Location("c", "b", "p/")), {"connected", "in_bucket"}),
        (
            State(location=Location("c", "b"), selection=SelectionSize(1)),
            {"connected", "in_bucket", "on_objects", "on_one_object", "on_rows"},
        ),
        (
            State(location=Location("c", "b"), selection=SelectionSize(1, 1)),
            {"connected", "in_bucket", "on_objects", "on_rows"},
        ),
        (State(location=Location("c", "b"), selection=SelectionSize(0, 1)), {"connected", "in_bucket", "on_rows"}),
    ],
)
def test_what_a_state_allows(state: State, enabled: set[str]) -> None:
    questions = ("connected", "in_bucket", "on_objects", "on_one_object", "on_rows", "on_one_bucket")
    assert {question for question in questions if getattr(state, question)} == enabled


async def test_limits_and_rules_reach_the_engine_at_the_start_and_when_they_change(world: World) -> None:
    saved = Settings(limits=Limits(1000, 2000, 3), rules=TransferRules(checksum=True))
    world.settings.saved = saved
    world.app.load_settings()
    assert (world.engine.limits, world.engine.rules) == (saved.limits, saved.rules)
    world.app.change_settings(limits=Limits(), theme="dark")
    assert (world.engine.limits, world.engine.rules) == (Limits(), saved.rules)
    world.app.change_settings(rules=TransferRules(excluded=()))
    assert world.engine.rules == TransferRules(excluded=())
    await until(lambda: world.settings.saved.rules == TransferRules(excluded=()))


async def test_what_transfers_wrote_and_deleted_shows_in_order_many_in_pieces(world: World) -> None:
    world.store.add(BUCKET, "p/old")
    await world.open("p/")
    appended: list[range] = []
    world.app.listing.appended.add(appended.append)
    entries = tuple(ObjectEntry(f"p/{n:04}", n, 1) for n in range(1300))
    world.engine.tell(
        ObjectsStored(HERE, BUCKET, entries, public=True),
        ObjectsDeleted(HERE, BUCKET, ("p/0001", "p/old")),
        ObjectsStored(HERE, BUCKET, (ObjectEntry("p/old", 9, 1),), public=False),
    )
    await until(lambda: not world.app._written)
    assert [len(rows) for rows in appended] == [500, 500, 300, 1]
    assert sorted(world.names()) == sorted(["p/old", *(f"p/{n:04}" for n in range(1300) if n != 1)])
    assert (world.app.listing.rows.public["p/0000"], world.app.listing.rows.public["p/old"]) == (True, False)
    assert world.app.state.rows == 1300


async def test_what_transfers_do_elsewhere_changes_nothing_here(world: World) -> None:
    world.store.add(BUCKET, "x")
    await world.open()
    world.engine.tell(
        ObjectsDeleted(OTHER.id, BUCKET, ("x",)), ObjectsStored(HERE, "other", (ObjectEntry("y", 1, 1),), public=False)
    )
    await until(lambda: not world.app._written)
    assert world.names() == ["x"]
