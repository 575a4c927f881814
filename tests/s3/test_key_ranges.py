"""The walk over key ranges: every name once, whatever the keys, the page size, the store's order and the order of answers."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorKind
from cloudtemple_browser.model.paging import PageAnswer, PageRequest
from cloudtemple_browser.s3.key_ranges import Told, Walk, after_all, utf16
from cloudtemple_browser.s3.listing import digests

Order = Callable[[str], bytes]


def by_bytes(name: str) -> bytes:
    """The order of most stores."""
    return name.encode("utf-8", "surrogatepass")


class FakeStore:
    """Keys in an order, answered page by page, in an order of its own choosing."""

    def __init__(self, keys: set[str], page: int = 3, order: Order = by_bytes, seed: int = 0, limit: int = 16) -> None:
        self.order, self.page, self.limit = order, page, limit
        self.keys = sorted(keys, key=order)
        self.most = 0
        self.requests: list[PageRequest] = []
        self._random = random.Random(seed)
        self._waiting: list[tuple[PageRequest, Told]] = []

    def submit(self, request: PageRequest, done: Told) -> None:
        """Hold the request until the walk has nothing else to do."""
        self.requests.append(request)
        self._waiting.append((request, done))
        self.most = max(self.most, len(self._waiting))

    def answer_one(self) -> None:
        """Answer one of the waiting requests, any."""
        request, done = self._waiting.pop(self._random.randrange(len(self._waiting)))
        done(self.answer(request))

    def names(self, request: PageRequest) -> list[str]:
        """Everything that the listing has, in the store's order."""
        found: dict[str, None] = {}
        for key in self.keys:
            if key.startswith(request.prefix):
                cut = key.find(request.delimiter, len(request.prefix)) if request.delimiter else -1
                found[key if cut < 0 else key[: cut + len(request.delimiter)]] = None
        return list(found)

    def after(self, names: list[str], request: PageRequest) -> int:
        """The place of the first name of a page."""
        place = request.token or request.after
        if request.delimiter and not request.token and place.endswith(request.delimiter):
            raise AssertionError("a common prefix as a place to start after means different things to different stores")
        return bisect_right(names, self.order(place), key=self.order)

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        """One page, as ``fetch_page`` describes it."""
        names = self.names(request)
        begin = self.after(names, request)
        end = min(begin + min(self.page, request.max_keys), len(names))
        page = names[begin:end]
        token = page[-1] if page and end < len(names) else ""
        return described(page, token, request)

    def run(self, request: PageRequest, *, sequential: bool = False) -> list[str]:
        """Walk and return the names in the order in which they came."""
        walk = Walk(self, request, CallControl(), sequential=sequential)
        walk._next_answer = self._next_answer_of(walk)  # type: ignore[method-assign]
        return [name for page in walk.results() for name in page]

    def _next_answer_of(self, walk: Walk) -> Callable[[], Callable[[], Iterator[object]]]:
        take = walk._next_answer

        def next_answer() -> Callable[[], Iterator[object]]:
            if self._waiting and walk._answers.empty():
                self.answer_one()
            return take()

        return next_answer


def described(page: list[str], token: str, request: PageRequest) -> PageAnswer:
    """What ``fetch_page`` tells of a page."""
    if request.delimiter and request.seen.endswith(request.delimiter):
        page = [name for name in page if name != request.seen]
    rises = all(by_bytes(one) < by_bytes(two) for one, two in pairwise(page))
    rises16 = all(utf16(one) < utf16(two) for one, two in pairwise(page))
    wanted, past = page, ""
    if request.until and (rises or rises16):
        wanted = [name for name in page if name <= request.until]
        past = next((name for name in page if name > request.until), "")
    at = len(wanted) // 2
    check = (wanted[at - 1], wanted[at]) if at and not (request.delimiter and wanted[at - 1].endswith("/")) else ("", "")
    ends = (wanted[0], wanted[-1]) if wanted else ("", "")
    answer = PageAnswer(wanted, len(wanted), *ends, past, bool(token), token, by_bytes=rises, by_utf16=rises16, check=check)
    return answer if (rises or rises16) and not request.exact else replace(answer, digests=digests(list(map(by_bytes, wanted))))


ALPHABETS = st.sampled_from(["ab", "0123456789", "0123456789abcdef", "ab/-.", "aé\ud7ff\ue000\uffff\U0001f600", "\x01 ~\x7f/"])
NAMES = ALPHABETS.flatmap(lambda letters: st.sets(st.text(letters, min_size=1, max_size=8), max_size=80))
STEMS = st.sampled_from(["", "p/", "logs/2026/11/22/host-", "\U0001f600/", "\ue000"])


@st.composite
def key_sets(draw: st.DrawFn) -> set[str]:
    """Random names below shared stems, numbers with and without leading zeros, and neighbours of the edges."""
    keys = {draw(STEMS) + name for name in draw(NAMES) | draw(NAMES)}
    if draw(st.booleans()):
        stem, first = draw(STEMS), draw(st.integers(0, 2000))
        keys |= {f"{stem}{draw(st.sampled_from(['img-', '']))}{number:06}.jpg" for number in range(first, first + 60)}
    for key in sorted(keys)[:: draw(st.integers(3, 30))]:
        keys |= {key + "\x00", key + "/", after_all(key) or key, key[:-1] or key}
    return {key for key in keys if key}


@settings(max_examples=400, deadline=None)
@given(key_sets(), st.integers(1, 9), st.sampled_from([by_bytes, utf16]), st.integers(0, 1 << 30), st.integers(1, 16))
def test_every_key_comes_exactly_once(keys: set[str], page: int, order: Order, seed: int, limit: int) -> None:
    store = FakeStore(keys, page, order, seed, limit)
    assert sorted(store.run(PageRequest("bucket"))) == sorted(keys)
    assert store.most <= limit


@settings(max_examples=200, deadline=None)
@given(key_sets(), st.integers(1, 9), st.sampled_from([by_bytes, utf16]), st.integers(0, 1 << 30), STEMS)
def test_a_folder_view_has_each_name_once(keys: set[str], page: int, order: Order, seed: int, prefix: str) -> None:
    request = PageRequest("bucket", prefix, "/")
    store = FakeStore(keys, page, order, seed)
    assert sorted(store.run(request)) == sorted(store.names(request))


@settings(max_examples=100, deadline=None)
@given(key_sets(), st.integers(1, 9), st.integers(0, 1 << 30), st.data())
def test_a_listing_may_begin_anywhere(keys: set[str], page: int, seed: int, data: st.DataObject) -> None:
    after = data.draw(st.sampled_from(sorted(keys))) if keys else "x"
    store = FakeStore(keys, page, seed=seed)
    assert sorted(store.run(PageRequest("bucket", after=after))) == sorted(key for key in keys if key > after)


def spaces(count: int) -> dict[str, set[str]]:
    """Key spaces as buckets have them."""
    numbers = range(count)
    chance = random.Random(7)
    return {
        "flat": {f"img-{n:09}.jpg" for n in numbers},
        "plain numbers": {f"img-{n}.jpg" for n in numbers},
        "tree": {f"data/2026/run-{n // 100:05}/part-{n:09}.parquet" for n in numbers},
        "hex": {f"{chance.getrandbits(64):016x}.bin" for _ in numbers},
        "skew": {f"a-{n:07}/x" if n < count // 20 else f"logs/2026/11/22/host-{n // 50:03}/{n:012}.gz" for n in numbers},
        "one long stem": {"x" * 900 + f"{n:06}" for n in numbers},
        "accents": {f"dossier/été {n}/ça.txt" for n in numbers},
    }


@pytest.mark.parametrize("name", spaces(1))
@pytest.mark.parametrize("seed", range(3))
def test_large_spaces_are_listed_side_by_side(name: str, seed: int) -> None:
    keys = spaces(4000)[name]
    store = FakeStore(keys, 20, seed=seed)
    assert sorted(store.run(PageRequest("bucket"))) == sorted(keys)
    pages = [request for request in store.requests if request.max_keys > 1]
    assert store.most == 16
    assert len(pages) < 1.4 * len(keys) / 20  # a page at each edge is read for one name, no page twice
    assert len(store.requests) < 2.5 * len(keys) / 20


def test_a_small_listing_asks_for_no_more_than_its_pages() -> None:
    store = FakeStore({f"k{n}" for n in range(10)}, 10)
    store.run(PageRequest("bucket"))
    assert len(store.requests) == 1
    store = FakeStore({f"k{n:02}" for n in range(11)}, 10)
    store.run(PageRequest("bucket"))
    assert len(store.requests) <= 3


# ------------------------------------------------------------------------------------------- stores that do otherwise


class DeafStore(FakeStore):
    """Ignores start-after."""

    def after(self, names: list[str], request: PageRequest) -> int:
        return bisect_right(names, self.order(request.token), key=self.order)


class InclusiveStore(FakeStore):
    """Takes start-after for "start at"."""

    def after(self, names: list[str], request: PageRequest) -> int:
        return super().after(names, request) - (request.after in names and not request.token)


def shuffled(name: str) -> bytes:
    """An order of a store's own: by path components, so that ``b/x`` comes before ``b.txt``."""
    return b"\0".join(part.encode() for part in name.split("/"))


@pytest.mark.parametrize("kind", [DeafStore, InclusiveStore])
@pytest.mark.parametrize("seed", range(5))
def test_where_start_after_is_not_honoured_pages_come_one_by_one(kind: type[FakeStore], seed: int) -> None:
    keys = {f"k-{n:05}" for n in range(500)}
    store = kind(keys, 10, seed=seed)
    assert sorted(store.run(PageRequest("bucket"))) == sorted(keys)
    assert len([request for request in store.requests if request.max_keys > 1]) == 50


@settings(max_examples=200, deadline=None)
@given(st.sets(st.text("ab./-0", min_size=1, max_size=7), min_size=1, max_size=120), st.integers(1, 9), st.integers(0, 1 << 30))
def test_an_order_of_its_own_is_noticed(keys: set[str], page: int, seed: int) -> None:
    store = FakeStore(keys, page, shuffled, seed)
    try:
        found = store.run(PageRequest("bucket"))
    except BrowserError as error:
        assert error.kind is ErrorKind.LIST_AGAIN  # noqa: PT017 - or it is whole
        found = FakeStore(keys, page, shuffled, seed).run(PageRequest("bucket"), sequential=True)
    assert sorted(found) == sorted(keys)


class SkippingStore(FakeStore):
    """Skips a name after some places that are given as start-after, and always the same one."""

    def after(self, names: list[str], request: PageRequest) -> int:
        at = super().after(names, request)
        return at + (bool(request.after) and at < len(names) and names[at].endswith("7"))


def test_ranges_that_do_not_join_are_listed_again() -> None:
    keys = {f"{n // 50:02}-{n * 37 % 1000:03}" for n in range(2000)}
    told = 0
    for seed in range(20):
        store = SkippingStore(keys, 20, seed=seed)
        try:
            assert sorted(store.run(PageRequest("bucket"))) == sorted(keys)
        except BrowserError as error:
            assert error.kind is ErrorKind.LIST_AGAIN  # noqa: PT017 - or it is whole
            told += 1
    assert told > 0


class HoledStore(FakeStore):
    """Answers some places with an empty page that says that there is more, as after many delete markers."""

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        if request.max_keys == 1 and self._random.random() < 0.5:
            return PageAnswer([], truncated=True, token="later")
        return super().answer(request)


class MoodyStore(FakeStore):
    """Fails every other probe."""

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        if request.max_keys == 1 and self._random.random() < 0.5:
            return BrowserError(ErrorKind.SERVER)
        return super().answer(request)


@pytest.mark.parametrize("kind", [HoledStore, MoodyStore])
@pytest.mark.parametrize("seed", range(10))
def test_a_probe_that_tells_nothing_is_no_end(kind: type[FakeStore], seed: int) -> None:
    keys = {f"{n // 100:02}/{n:05}" for n in range(3000)}
    store = kind(keys, 20, seed=seed)
    assert sorted(store.run(PageRequest("bucket"))) == sorted(keys)


class BusyStore(FakeStore):
    """Refuses more than three requests at a time."""

    refused = 0

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        if len(self._waiting) >= 3:
            self.refused += 1
            return BrowserError(ErrorKind.THROTTLED)
        return super().answer(request)


def test_a_store_in_haste_is_asked_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cloudtemple_browser.s3.key_ranges._HASTE_PAUSE", 0.0)
    keys = {f"{n:05}" for n in range(4000)}
    store = BusyStore(keys, 20)
    assert sorted(store.run(PageRequest("bucket"))) == sorted(keys)
    assert store.refused < 60
    assert store.most < 16


class ChangingStore(FakeStore):
    """Others write and delete while it is listed."""

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        if len(self.requests) < 150:
            at = self._random.randrange(len(self.keys))
            if self.keys[at] not in self.lasting:
                del self.keys[at]
        return super().answer(request)

    def __init__(self, keys: set[str], lasting: set[str], seed: int) -> None:
        super().__init__(keys | lasting, 20, seed=seed)
        self.lasting = lasting


@pytest.mark.parametrize("seed", range(20))
def test_a_store_in_use_is_listed_whole(seed: int) -> None:
    lasting = {f"{n:05}-stays" for n in range(0, 4000, 2)}
    store = ChangingStore({f"{n:05}-goes" for n in range(1, 4000, 2)}, lasting, seed)
    found = store.run(PageRequest("bucket"))
    assert len(found) == len(set(found))
    assert lasting <= set(found)


# ------------------------------------------------------------------------------------------- ends


class FailingStore(FakeStore):
    """Fails at one request."""

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        return BrowserError(ErrorKind.SERVER) if len(self.requests) > 40 else super().answer(request)


def test_a_page_that_fails_ends_the_listing() -> None:
    store = FailingStore({f"{n:05}" for n in range(4000)}, 20)
    with pytest.raises(BrowserError) as caught:
        store.run(PageRequest("bucket"))
    assert caught.value.kind is ErrorKind.SERVER


def test_cancel_ends_it_at_once() -> None:
    control = CallControl()
    store = FakeStore({f"{n:05}" for n in range(4000)}, 20)
    walk = Walk(store, PageRequest("bucket"), control)
    walk._next_answer = store._next_answer_of(walk)  # type: ignore[method-assign]
    pages = walk.results()
    for _ in range(10):
        next(pages)
    asked = len(store.requests)
    control.cancel()
    with pytest.raises(Cancelled):
        for _ in pages:
            pass
    assert len(store.requests) == asked


@pytest.mark.parametrize("stem", ["", "a", "é", "a\ud7ff", "a\U0001f600", "\x00"])
def test_a_name_after_all_that_begin_alike(stem: str) -> None:
    after = after_all(stem)
    assert not after or (by_bytes(after) > by_bytes(stem + "\ud7fe\ud7fe") and not after.startswith(stem or "\uffff"))


# ------------------------------------------------------------------------------------------- pages that come again


class BackStore(FakeStore):
    """Gives these pages, with a token that was not there before; the last page is not truncated."""

    def __init__(self, pages: list[list[str]]) -> None:
        super().__init__(set(), limit=1)
        self._pages = iter(enumerate(pages, 1))
        self._last = len(pages)

    def answer(self, request: PageRequest) -> PageAnswer | Exception:
        number, page = next(self._pages)
        return described(page, f"token-{number}" if number < self._last else "", request)


def ended(pages: list[list[str]], request: PageRequest, *, sequential: bool) -> ErrorKind | list[str]:
    """The names, or why there are not all."""
    try:
        return BackStore(pages).run(request, sequential=sequential)
    except BrowserError as error:
        return error.kind


@pytest.mark.parametrize(
    "pages",
    [
        *([["a", "b", "c"], ["d", "e"], last] for last in (["a", "b"], ["a", "b", "c", "d"], ["c", "d"], ["d"], ["e", "f"])),
        [["a", "b", "c"], ["c", "d"], ["e"]],
        [["a", "b", "d"], ["c", "d"], ["e"]],
        [["z", "a", "k"], ["b", "k"]],
    ],
)
def test_a_page_that_came_before_is_no_end(pages: list[list[str]]) -> None:
    assert ended(pages, PageRequest("bucket"), sequential=False) is ErrorKind.LIST_AGAIN
    assert ended(pages, PageRequest("bucket"), sequential=True) is ErrorKind.PARTIAL


@pytest.mark.parametrize("sequential", [True, False])
@pytest.mark.parametrize("pages", [[["a", "b", "b"]], [["a", "c", "b", "c"]], [["a", "a"], ["b"]]])
def test_a_name_that_is_twice_in_a_page_is_no_listing(pages: list[list[str]], sequential: bool) -> None:
    assert ended(pages, PageRequest("bucket"), sequential=sequential) is ErrorKind.PARTIAL


def test_a_page_in_an_order_of_its_own_needs_no_other() -> None:
    assert ended([["c", "a", "b"]], PageRequest("bucket"), sequential=False) == ["c", "a", "b"]


def test_a_common_prefix_may_be_on_two_pages() -> None:
    request = PageRequest("bucket", delimiter="/")
    for sequential in (False, True):
        assert ended([["a/", "b/"], ["b/", "c"], ["c2"]], request, sequential=sequential) == ["a/", "b/", "c", "c2"]
        assert ended([["a/", "b/"], ["b/"]], request, sequential=sequential) == ["a/", "b/"]
        assert ended([["a/", "b/"], ["b/"], ["b/"], ["c/"]], request, sequential=sequential) == ["a/", "b/", "c/"]
    assert ended([["a/", "b/"], ["a/", "c"]], request, sequential=True) is ErrorKind.PARTIAL


def test_an_edge_that_cannot_be_asked_for_is_not_proven() -> None:
    """A range that ends too early, where the one question that would show it gets no answer."""
    keys = {f"{n // 100:02}/{n:05}" for n in range(3000)}

    class EndsEarly(FakeStore):
        cut = False

        def answer(self, request: PageRequest) -> PageAnswer | Exception:
            if self.cut and request.max_keys == 1:
                return BrowserError(ErrorKind.SERVER)
            found = super().answer(request)
            if not self.cut and request.until and request.max_keys > 1 and isinstance(found, PageAnswer) and found.count > 2:
                self.cut = True
                return described(found.result[:1], "", request)
            return found

    for seed in range(10):
        store = EndsEarly(keys, 20, seed=seed)
        with pytest.raises(BrowserError) as caught:
            store.run(PageRequest("bucket"))
        assert store.cut
        assert caught.value.kind is ErrorKind.LIST_AGAIN
