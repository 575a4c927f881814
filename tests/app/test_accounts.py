"""Connections, their secrets and their stores."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from app.rig import CONNECTION, OTHER, PATIENCE, World, failure, until

from cloudtemple_browser.app.accounts import Stores
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.probe import Stage, StageResult
from cloudtemple_browser.model.traits import Trait

NEW = Connection("New", "https://new.test", "AKIA3", id="c3")
SECRET = SecretText("new-secret")


def kind_of(stores: Stores, connection_id: str) -> ErrorKind:
    with pytest.raises(BrowserError) as caught:
        stores.get(connection_id)
    return caught.value.kind


async def test_the_secret_is_read_once_a_session(world: World) -> None:
    await world.load()
    threads = [threading.Thread(target=world.stores.get, args=(CONNECTION.id,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert world.stores.get(CONNECTION.id) is world.store
    assert world.vault.calls == [("read", CONNECTION.id)]
    assert world.factory.opened == [CONNECTION]
    await world.accounts.remember_bucket(CONNECTION, "b")  # opened anew, with the secret of before
    world.stores.get(CONNECTION.id)
    assert world.vault.calls == [("read", CONNECTION.id)]


async def test_nothing_is_read_before_it_is_needed(world: World) -> None:
    await world.load()
    assert world.vault.calls == []
    assert world.factory.opened == []


async def test_no_secret_no_request(world: World) -> None:
    await world.load()
    world.vault.secrets.clear()
    assert kind_of(world.stores, CONNECTION.id) is ErrorKind.NO_CREDENTIALS
    assert world.factory.opened == []
    assert world.store.calls == []


async def test_a_locked_keyring_is_told_as_such_and_asked_again(world: World) -> None:
    await world.load()
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED)
    assert kind_of(world.stores, CONNECTION.id) is ErrorKind.KEYRING_LOCKED
    world.vault.broken = None
    assert world.stores.get(CONNECTION.id) is world.store


async def test_an_unknown_connection_is_none(world: World) -> None:
    assert kind_of(world.stores, "never heard of") is ErrorKind.NO_CREDENTIALS
    assert world.vault.calls == []


async def test_saving_keeps_the_secret_in_the_vault_only(world: World) -> None:
    await world.load()
    await world.accounts.save(NEW, SECRET, session_only=False)
    assert world.vault.secrets[NEW.id] == SECRET
    assert world.book.saved == (CONNECTION, OTHER, NEW)
    assert world.accounts.connections == (CONNECTION, OTHER, NEW)
    assert SECRET.reveal() not in repr(world.book.saved)


async def test_a_secret_for_this_session_never_reaches_the_vault(world: World) -> None:
    await world.load()
    await world.accounts.save(NEW, SECRET, session_only=True)
    world.stores.get(NEW.id)
    await world.accounts.save(replace(NEW, name="Renamed"), None, session_only=True)
    world.stores.get(NEW.id)
    twin = replace(world.accounts.duplicate(NEW), name="Twin")
    await world.accounts.save(twin, None, session_only=world.accounts.is_session_only(twin.id))
    world.stores.get(twin.id)
    await world.accounts.remember_bucket(twin, "b")
    assert not [call for call in world.vault.calls if call[0] == "save"]
    assert SECRET not in world.vault.secrets.values()
    assert [item.name for item in world.book.saved[2:]] == ["Renamed", "Twin"]


async def test_a_secret_for_this_session_needs_no_vault(world: World) -> None:
    await world.load()
    await world.accounts.save(NEW, SECRET, session_only=False)
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED)
    await world.accounts.save(NEW, SecretText("another"), session_only=True)
    assert world.stores.secret(NEW.id) == SecretText("another")
    assert await world.accounts.forget_secret(NEW.id) is world.vault.broken
    assert world.vault.secrets[NEW.id] == SECRET
    world.vault.broken = failure(ErrorKind.NO_KEYRING)  # where there is none, nothing is in it
    assert await world.accounts.forget_secret(NEW.id) is None
    world.vault.broken = None
    assert await world.accounts.forget_secret(NEW.id) is None
    assert NEW.id not in world.vault.secrets


async def test_a_deleted_connection_whose_secret_can_not_be_deleted(world: World) -> None:
    await world.load()
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED)
    assert await world.accounts.delete(CONNECTION) is world.vault.broken
    assert world.book.saved == world.accounts.connections == (OTHER,)
    world.vault.broken = None
    assert await world.accounts.delete(OTHER) is None
    assert world.vault.secrets.keys() == {CONNECTION.id}


async def test_what_is_never_saved_never_reaches_the_vault(world: World) -> None:
    await world.load()
    world.accounts.add_temporary(NEW, SECRET)
    await world.accounts.save(replace(NEW, name="Renamed"), SecretText("another"), session_only=False)
    assert NEW.id not in world.vault.secrets
    assert not [call for call in world.vault.calls if call[0] != "read"]
    assert NEW.id not in [item.id for item in world.book.saved]


async def test_a_copy_of_a_kept_secret_is_kept_too(world: World) -> None:
    await world.load()
    await world.accounts.save(NEW, SECRET, session_only=True)
    await world.accounts.save(NEW, SECRET, session_only=False)  # changed their mind
    twin = world.accounts.duplicate(NEW)
    assert twin.id != NEW.id
    assert world.accounts.original(twin.id) == NEW
    await world.accounts.save(twin, None, session_only=False)
    assert world.vault.secrets[twin.id] == SECRET
    assert world.accounts.original(twin.id) is None


async def test_a_copy_is_nowhere_before_it_is_saved(world: World) -> None:
    await world.load()
    world.factory.secrets = {CONNECTION.access_key: "secret-1"}
    twin = world.accounts.duplicate(CONNECTION)
    assert world.vault.calls == []
    results: list[StageResult] = []
    await world.accounts.probe(twin, None, results.append)  # tested with the secret of its original
    assert all(result.error is None for result in results)
    assert world.accounts.connections == (CONNECTION, OTHER)
    assert world.book.saves == 0
    assert twin.id not in world.vault.secrets
    assert kind_of(world.stores, twin.id) is ErrorKind.NO_CREDENTIALS


async def test_a_copy_whose_secret_can_not_be_read_is_not_saved(world: World) -> None:
    await world.load()
    twin = world.accounts.duplicate(CONNECTION)
    for kind in (ErrorKind.NO_KEYRING, ErrorKind.KEYRING_LOCKED):
        world.vault.broken = failure(kind)
        with pytest.raises(BrowserError):
            await world.accounts.save(twin, None, session_only=True)
    assert world.accounts.connections == (CONNECTION, OTHER)
    await world.accounts.save(twin, SECRET, session_only=True)  # another one was typed
    assert world.stores.secret(twin.id) == SECRET
    assert world.accounts.is_session_only(twin.id)
    assert not world.accounts.is_session_only(CONNECTION.id)


async def test_the_kept_secret_moves_into_memory_and_back(world: World) -> None:
    await world.load()
    kept = world.vault.secrets[CONNECTION.id]
    await world.accounts.save(CONNECTION, None, session_only=True)
    assert world.accounts.is_session_only(CONNECTION.id)
    assert await world.accounts.forget_secret(CONNECTION.id) is None
    assert world.stores.secret(CONNECTION.id) == kept
    assert CONNECTION.id not in world.vault.secrets
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED)
    with pytest.raises(BrowserError):
        await world.accounts.save(replace(CONNECTION, name="Renamed"), None, session_only=False)
    assert world.accounts.is_session_only(CONNECTION.id)
    assert world.accounts.get(CONNECTION.id) == CONNECTION
    world.vault.broken = None
    await world.accounts.save(CONNECTION, None, session_only=False)
    assert not world.accounts.is_session_only(CONNECTION.id)
    assert world.vault.secrets[CONNECTION.id] == kept


async def test_a_secret_that_stays_where_it_is_needs_no_vault(world: World) -> None:
    await world.load()
    world.vault.broken = failure(ErrorKind.KEYRING_LOCKED)
    await world.accounts.save(replace(CONNECTION, name="Renamed"), None, session_only=False)
    with pytest.raises(BrowserError):
        await world.accounts.save(replace(CONNECTION, name="Again"), None, session_only=True)
    world.vault.broken = failure(ErrorKind.NO_KEYRING)  # nothing else can be chosen, and there is nothing to take
    await world.accounts.save(replace(CONNECTION, name="Again"), None, session_only=True)
    assert not world.accounts.is_session_only(CONNECTION.id)
    assert [item.name for item in world.book.saved] == ["Again", "Other"]


async def test_when_the_vault_fails_nothing_is_saved(world: World) -> None:
    await world.load()
    world.vault.broken = failure(ErrorKind.NO_KEYRING)
    for connection in (NEW, replace(CONNECTION, endpoint="https://changed.test")):
        with pytest.raises(BrowserError):
            await world.accounts.save(connection, SECRET, session_only=False)
    assert world.book.saves == 0
    assert world.accounts.connections == (CONNECTION, OTHER)
    assert kind_of(world.stores, NEW.id) is ErrorKind.NO_CREDENTIALS
    world.vault.broken = None
    assert world.stores.get(CONNECTION.id) is world.store  # as it was before


async def test_a_changed_connection_is_opened_anew(world: World) -> None:
    await world.load()
    before = world.stores.get(CONNECTION.id)
    await world.accounts.save(CONNECTION, None, session_only=False)
    assert world.stores.get(CONNECTION.id) is before
    changed = replace(CONNECTION, endpoint="https://changed.test")
    await world.accounts.save(changed, None, session_only=False)
    assert world.stores.get(CONNECTION.id) is world.factory.store(changed) is not before
    assert not world.store.closed  # a running transfer goes on with the old one
    assert world.accounts.connections == (changed, OTHER)


async def test_a_new_secret_opens_anew(world: World) -> None:
    world.factory.secrets = {CONNECTION.access_key: "right"}
    await world.load()
    with pytest.raises(BrowserError):
        world.stores.get(CONNECTION.id).list_buckets()
    await world.accounts.save(CONNECTION, SecretText("right"), session_only=True)
    world.store.always = None
    assert world.stores.get(CONNECTION.id).list_buckets()


async def test_a_secret_that_was_entered_while_the_keyring_asked_counts(world: World) -> None:
    """The keyring's answer is old: it must not replace what was typed meanwhile."""
    await world.load()
    asked, answered = threading.Event(), threading.Event()
    read = world.vault.read

    def slow(connection_id: str) -> SecretText | None:
        asked.set()
        answered.wait(PATIENCE)
        return read(connection_id)

    world.vault.read = slow  # type: ignore[method-assign]
    task = world.background.spawn(_get(world))
    await until(asked.is_set)
    world.stores.know(CONNECTION, SecretText("typed meanwhile"))
    answered.set()
    await task
    assert world.stores.secret(CONNECTION.id) == SecretText("typed meanwhile")
    opened = len(world.factory.opened)
    world.stores.get(CONNECTION.id)
    assert len(world.factory.opened) == opened + 1


async def _get(world: World) -> None:
    await world.background.call(world.stores.get, CONNECTION.id)


async def test_a_deleted_connection_can_not_be_used(world: World) -> None:
    await world.load()
    store = world.stores.get(CONNECTION.id)
    await world.accounts.delete(CONNECTION)
    assert kind_of(world.stores, CONNECTION.id) is ErrorKind.NO_CREDENTIALS
    assert store is world.store
    assert world.store.closed
    assert world.vault.secrets == {OTHER.id: SecretText("secret-2")}
    assert world.book.saved == world.accounts.connections == (OTHER,)


async def test_the_demo_s_connection_is_never_saved(world: World) -> None:
    await world.load()
    world.accounts.add_temporary(NEW, SECRET)
    world.accounts.add_temporary(NEW, SECRET)
    await world.accounts.remember_bucket(CONNECTION, "b")
    await world.accounts.load()
    assert [item.id for item in world.accounts.connections] == ["c1", "c2", "c3"]
    assert [item.id for item in world.book.saved] == ["c1", "c2"]
    assert world.stores.get(NEW.id) is world.factory.store(NEW)
    await world.accounts.delete(NEW)
    assert not [call for call in world.vault.calls if call[1] == NEW.id]


async def test_buckets_added_by_name(world: World) -> None:
    await world.load()
    await world.accounts.remember_bucket(CONNECTION, "b")
    first = world.accounts.get(CONNECTION.id)
    assert first is not None
    await world.accounts.remember_bucket(first, "a")
    second = world.accounts.get(CONNECTION.id)
    assert second is not None
    await world.accounts.remember_bucket(second, "b")
    kept = [world.book.saved[0].buckets]
    await world.accounts.remember_bucket(world.book.saved[0], "a", keep=False)
    kept.append(world.book.saved[0].buckets)
    assert kept == [("a", "b"), ("b",)]


async def test_finding_by_endpoint(world: World) -> None:
    await world.load()
    assert world.accounts.for_endpoint("https://other.test") == OTHER
    assert world.accounts.for_endpoint("https://other.test:1") is None


async def test_testing_a_connection_takes_the_typed_or_the_saved_secret(world: World) -> None:
    world.factory.secrets = {"AKIA": "secret-1"}
    await world.load()
    results: list[StageResult] = []
    await world.accounts.probe(CONNECTION, None, results.append)
    assert [result.stage for result in results] == list(Stage)
    assert all(result.error is None for result in results)
    results.clear()
    await world.accounts.probe(CONNECTION, SecretText("wrong"), results.append)
    assert results[-1].error is not None
    assert results[-1].error.kind is ErrorKind.WRONG_SECRET


async def test_testing_without_any_secret_sends_nothing(world: World) -> None:
    await world.load()
    world.vault.secrets.clear()
    with pytest.raises(BrowserError) as caught:
        await world.accounts.probe(CONNECTION, None, lambda _result: None)
    assert caught.value.kind is ErrorKind.NO_CREDENTIALS
    assert world.store.calls == []


async def test_the_bucket_lists(world: World) -> None:
    await world.load()
    lists = world.app.buckets
    assert not lists.is_loaded(CONNECTION.id)
    told: list[str] = []
    lists.changed.add(told.append)
    connection = replace(CONNECTION, bucket="start", buckets=("bucket", "more"))
    world.stores.know(connection)
    found = await lists.load(connection)
    assert [(bucket.name, bucket.added) for bucket in found.buckets] == [("bucket", False), ("start", True), ("more", True)]
    assert lists.is_loaded(CONNECTION.id)
    assert told == [CONNECTION.id] * 2
    world.store.fail_next("list_buckets", failure(ErrorKind.ACCESS_DENIED))
    found = await lists.load(connection)
    assert [bucket.name for bucket in found.buckets] == ["start", "bucket", "more"]
    assert found.error is not None
    lists.forget(CONNECTION.id)
    assert not lists.is_loaded(CONNECTION.id)


async def test_the_list_of_what_a_connection_was_before_is_not_shown(world: World) -> None:
    await world.load()
    lists = world.app.buckets
    hold = world.store.hold("list_buckets")
    old = asyncio.ensure_future(lists.load(CONNECTION))
    await until(lambda: world.store.count("list_buckets"))
    lists.forget(CONNECTION.id)  # it was edited meanwhile
    world.store.fail_next("list_buckets", failure(ErrorKind.ACCESS_DENIED))
    hold.release()
    await old
    assert not lists.is_loaded(CONNECTION.id)


async def test_what_a_store_is_like_is_kept_with_its_connection(world: World) -> None:
    await world.load()
    world.stores.learnt = world.accounts.learn
    world.stores.get(CONNECTION.id)
    world.store.learnt.add(Trait.ONE_BY_ONE)
    await until(lambda: world.book.saves)
    kept = world.accounts.get(CONNECTION.id)
    assert kept is not None
    assert kept.traits == world.book.saved[0].traits == (Trait.ONE_BY_ONE,)
    assert world.book.saved[1].traits == ()
    world.stores.get(CONNECTION.id)
    assert len(world.factory.opened) == 1, "it goes on as it is"
    await world.accounts.save(replace(kept, traits=()), None, session_only=False)  # it is to find out anew
    world.stores.get(CONNECTION.id)
    assert [opened.traits for opened in world.factory.opened] == [(), ()]


async def test_what_an_old_store_is_like_is_not_kept_for_the_new_one(world: World) -> None:
    await world.load()
    world.stores.learnt = world.accounts.learn
    old = world.stores.get(CONNECTION.id)
    renamed, moved = replace(CONNECTION, name="Renamed"), replace(CONNECTION, endpoint="https://other.example")
    await world.accounts.save(renamed, None, session_only=False)
    old.learnt.add(Trait.BARE_ETAGS)
    assert world.accounts.get(CONNECTION.id) == replace(renamed, traits=(Trait.BARE_ETAGS,))
    await world.accounts.save(moved, None, session_only=False)
    old.learnt.add(Trait.KEEPS_CONDITIONS)  # a transfer goes on with the old store
    kept = world.accounts.get(CONNECTION.id)
    assert kept is not None
    assert (kept.endpoint, kept.traits) == (moved.endpoint, ())


async def test_what_is_learnt_of_a_connection_that_is_gone_is_nothing(world: World) -> None:
    await world.load()
    await world.accounts.delete(CONNECTION)
    saves = world.book.saves
    world.accounts.learn(CONNECTION, Trait.ONE_BY_ONE)
    assert world.book.saves == saves
    assert world.accounts.get(CONNECTION.id) is None
