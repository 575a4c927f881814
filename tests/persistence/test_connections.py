from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.app.ports import ConnectionBook
from cloudtemple_browser.model.connections import Addressing, Connection, Signature
from cloudtemple_browser.model.errors import BrowserError
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.persistence.connections import JsonConnectionBook

ONE = Connection("One", "https://acme.s3.fr1.cloud-temple.com", "AK1", id="one")
TWO = Connection(
    "Zwei 🎉",
    "http://localhost:9000",
    "AK2",
    region="eu",
    addressing=Addressing.VIRTUAL,
    signature=Signature.HYBRID,
    bucket="b-1",
    prefix="a/b/",
    ca_bundle="/ca.pem",
    proxy="http://proxy:3128",
    allow_http=True,
    buckets=("b-2", "b-3"),
    colour=3,
    id="two",
)

words = st.text(st.characters(codec="ascii", min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=40)
buckets = st.from_regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", fullmatch=True)
connections = st.builds(
    Connection,
    name=st.text(min_size=1).filter(str.strip),
    endpoint=st.sampled_from(
        ["https://s3.example.com", "https://[::1]:9000", "http://127.0.0.1:1", "https://a_b.example:8443"]
    ),
    access_key=words,
    region=words,
    addressing=st.sampled_from(Addressing),
    signature=st.sampled_from(Signature),
    bucket=buckets,
    prefix=st.text(),
    ca_bundle=st.text(),
    proxy=st.sampled_from(["", "http://proxy:3128", "https://10.0.0.1:8080"]),
    allow_http=st.booleans(),
    buckets=st.lists(buckets).map(tuple),
    colour=st.integers(0, 2**70),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "connections.json"


def entry(**changes: Any) -> dict[str, Any]:
    return {"id": "x", "name": "X", "endpoint": "https://s3.example.com", "access_key": "AK", **changes}


def loaded(path: Path, *entries: Any, **others: Any) -> tuple[Connection, ...]:
    path.write_text(json.dumps({"version": 1, "connections": entries, **others}))
    return JsonConnectionBook(path).load()


def test_nothing_saved_is_nothing(path: Path) -> None:
    assert JsonConnectionBook(path).load() == ()


def test_the_order_is_kept(path: Path) -> None:
    book: ConnectionBook = JsonConnectionBook(path)
    book.save([TWO, ONE])
    assert book.load() == (TWO, ONE)
    book.save([ONE])
    assert JsonConnectionBook(path).load() == (ONE,)


@settings(deadline=None)  # the disk decides
@given(st.lists(connections, max_size=3))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, saved: list[Connection]) -> None:
    book = JsonConnectionBook(tmp_path_factory.mktemp("round") / "connections.json")
    book.save(saved)
    assert book.load() == tuple(saved)


def test_what_is_missing_has_its_default(path: Path) -> None:
    assert loaded(path, entry()) == (Connection("X", "https://s3.example.com", "AK", id="x"),)


@pytest.mark.parametrize("missing", ["id", "name", "endpoint", "access_key"])
def test_what_must_be_there(path: Path, missing: str) -> None:
    wrong = entry()
    del wrong[missing]
    assert loaded(path, wrong, entry(id="y"))[0].id == "y"


ODD: list[Any] = [None, 7, 1.5, [], {}, ["x"], True]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(
    "field",
    [field.name for field in fields(Connection) if field.name not in ("buckets", "colour", "traits")],
)
def test_an_odd_type_makes_an_entry_unusable(path: Path, field: str, odd: Any, caplog: pytest.LogCaptureFixture) -> None:
    if field == "allow_http" and odd is True:
        odd = 1
    assert [found.id for found in loaded(path, entry(**{field: odd}), entry(id="y"))] == ["y"]
    assert f"entry 1 is not used: {field}" in caplog.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "../x"),
        ("id", "x" * 65),
        ("name", "  "),
        ("endpoint", "ftp://s3.example.com"),
        ("endpoint", "https://"),
        ("endpoint", "https://a b"),
        ("endpoint", "http://s3.example.com"),  # unencrypted, and not allowed in the entry
        ("access_key", "has space"),
        ("access_key", "AK\r\nX-Header: y"),
        ("region", "fr1\nx"),
        ("region", ""),
        ("addressing", "PATH"),
        ("signature", "v5"),
        ("bucket", "a/b"),
        ("bucket", "..\\x"),
        ("prefix", "without a bucket"),
        ("proxy", "http://user:word@proxy:1"),
        ("proxy", "socks://proxy:1"),
    ],
)
def test_a_wrong_value_makes_an_entry_unusable_and_is_not_logged(
    path: Path, field: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert loaded(path, entry(**{field: value})) == ()
    assert f"is not used: {field}" in caplog.text
    assert len(value.strip()) < 4 or value not in caplog.text


@pytest.mark.parametrize(
    "typed", ["https://s3.example.com/bucket/key?x=1#y", "https://user:word@s3.example.com", "HTTPS://S3.Example.com/"]
)
def test_an_endpoint_has_only_scheme_host_and_port(path: Path, typed: str) -> None:
    assert [found.endpoint for found in loaded(path, entry(endpoint=typed))] == ["https://s3.example.com"]


@pytest.mark.parametrize("odd", [*ODD[:-1], "text", -1])
def test_decoration_is_repaired(path: Path, odd: Any) -> None:
    (found,) = loaded(path, entry(colour=odd if odd != 7 else -7, buckets=odd if odd != ["x"] else ["good", "a/b", 7, None]))
    assert found.colour == 0
    assert found.buckets == (("good",) if odd == ["x"] else ())


@pytest.mark.parametrize("odd", [*ODD, "text"], ids=repr)
def test_an_entry_that_is_no_object_is_unusable(path: Path, odd: Any) -> None:
    assert loaded(path, odd, entry()) == loaded(path, entry())


def test_of_two_entries_with_one_id_the_first_counts(path: Path) -> None:
    assert [found.name for found in loaded(path, entry(name="first"), entry(name="second"))] == ["first"]


def test_what_is_not_understood_survives_a_save(path: Path) -> None:
    strange = entry(id="z", signature="v5")
    found = loaded(path, entry(later={"a": 1}), strange, "text", version=7, more=[1])
    book = JsonConnectionBook(path)
    book.save([*(replace(item, name="renamed") for item in found), ONE])
    saved = json.loads(path.read_text())
    assert (saved["version"], saved["more"]) == (7, [1])
    renamed, one, *rest = saved["connections"]
    assert (renamed["name"], renamed["later"]) == ("renamed", {"a": 1})
    assert one["name"] == "One"
    assert rest == [strange, "text"]
    book.save([])
    assert json.loads(path.read_text())["connections"] == [strange, "text"]


@pytest.mark.parametrize("version", [0, "7", None, True])
def test_an_odd_version_becomes_ours(path: Path, version: Any) -> None:
    loaded(path, version=version)
    JsonConnectionBook(path).save([ONE])
    assert json.loads(path.read_text())["version"] == 1


@pytest.mark.parametrize("content", ["{", "[]", '{"connections": {}}', '{"connections": null}'])
@pytest.mark.parametrize("first", ["load", "save"])
def test_a_damaged_file_is_never_overwritten(path: Path, content: str, first: str) -> None:
    path.write_text(content)
    book = JsonConnectionBook(path)
    if first == "load":
        assert book.load() == ()
    book.save([ONE])
    assert book.load() == (ONE,)
    assert path.with_name("connections.json.damaged").read_text() == content


def test_a_file_that_can_not_be_read_is_told_and_not_replaced(path: Path) -> None:
    path.mkdir()
    book = JsonConnectionBook(path)
    for call in (book.load, lambda: book.save([ONE])):
        with pytest.raises(BrowserError):
            call()
    assert path.is_dir()


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from([*entry(), "colour", "buckets"]), inner),
        max_leaves=20,
    )
)
def test_no_content_of_an_entry_breaks_the_program(tmp_path_factory: pytest.TempPathFactory, odd: Any) -> None:
    path = tmp_path_factory.mktemp("odd") / "connections.json"
    assert ONE.id in [found.id for found in loaded(path, odd, {**entry(), "later": odd, "bucket": odd}, entry(id="one"))]


def test_what_was_learnt_is_kept_and_what_is_unknown_left_out(path: Path) -> None:
    book = JsonConnectionBook(path)
    book.save([Connection("X", "https://s3.example.com", "AK", traits=(Trait.BARE_ETAGS, Trait.KEEPS_CONDITIONS), id="x")])
    assert book.load()[0].traits == (Trait.BARE_ETAGS, Trait.KEEPS_CONDITIONS)
    for odd in (None, 7, "bare-etags", {"bare-etags": 1}, ["of a newer version", 7, None]):
        assert loaded(path, entry(traits=odd))[0].traits == ()
    assert loaded(path, entry(traits=["new", "bare-etags"]))[0].traits == (Trait.BARE_ETAGS,)


def test_two_windows_keep_each_others_connections(path: Path) -> None:
    JsonConnectionBook(path).save([ONE, TWO])
    here, there = JsonConnectionBook(path), JsonConnectionBook(path)
    assert here.load() == there.load() == (ONE, TWO)
    three = replace(ONE, id="three", name="Three")
    there.save([replace(ONE, name="Renamed there"), three])  # and TWO is deleted there
    here.save([replace(ONE, traits=(Trait.BARE_ETAGS,)), TWO])  # something was learnt, no more
    found = JsonConnectionBook(path).load()
    assert found == (replace(ONE, name="Renamed there"), three)
    assert found[0].traits == (Trait.BARE_ETAGS,)
    here.save([replace(ONE, name="Renamed here")])
    assert JsonConnectionBook(path).load() == (replace(ONE, name="Renamed here"), three)
    here.save([])
    assert JsonConnectionBook(path).load() == (three,)


def test_what_another_window_made_of_a_connection_takes_no_trait_of_the_old_store(path: Path) -> None:
    JsonConnectionBook(path).save([ONE])
    here, there = JsonConnectionBook(path), JsonConnectionBook(path)
    here.load(), there.load()
    moved = replace(ONE, endpoint="https://other.example.com")
    there.save([moved])
    here.save([replace(ONE, traits=(Trait.KEEPS_CONDITIONS,))])
    (found,) = JsonConnectionBook(path).load()
    assert (found, found.traits) == (moved, ())


def test_what_was_changed_here_comes_back_though_it_was_deleted_elsewhere(path: Path) -> None:
    JsonConnectionBook(path).save([ONE])
    here = JsonConnectionBook(path)
    here.load()
    JsonConnectionBook(path).save([])
    assert JsonConnectionBook(path).load() == (ONE,), "a window that never read it deletes nothing"
    path.write_text('{"version": 1, "connections": []}')
    here.save([replace(ONE, name="Changed")])
    assert JsonConnectionBook(path).load() == (replace(ONE, name="Changed"),)


def test_a_list_that_could_not_be_read_is_not_emptied_by_the_next_save(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    JsonConnectionBook(path).save([ONE, TWO])
    book = JsonConnectionBook(path)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda *_: (_ for _ in ()).throw(PermissionError(13, "busy")))
        with pytest.raises(BrowserError):
            book.load()
    three = replace(ONE, id="three")
    book.save([three])
    assert set(JsonConnectionBook(path).load()) == {ONE, TWO, three}
