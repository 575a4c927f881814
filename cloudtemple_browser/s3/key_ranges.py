"""A listing as a walk over ranges of the key space, many at once, not knowing the keys beforehand. Pure: no S3, no threads.

The walk begins as one range and asks page after page. Once a page has shown that the store keeps an order and honours
``start-after``, free requests go into *probes*: the first name after a guess. A name there splits the range at the guess, and
both parts go on by themselves; nothing there shows that the rest of the range is empty. Guesses are made from the names seen:
the next sibling at every depth of the last name, then the middle of what is left at the first place where names still differ.

Why the union is whole: a range ends only when the store, asked page after page from the range's own beginning, has shown the
first name beyond its end, and that name must be the one with which the next range began. So, range by range, the pages are
those of one sequential listing. Where the two names differ, the place is asked once more: a store in use changes; a store
that answers the same question in two ways raises LIST_AGAIN, and is listed sequentially from then on.

Why no name comes twice: what a page brings rises, and lies behind what its range brought before. Where it does not, the store
has an order of its own, or repeats itself: the listing begins again, one page after another, and each name is compared with all
before.

Why the order does not matter: Amazon, Ceph and others sort by UTF-8, Dell ECS by UTF-16. The two differ only between characters
above U+D800, and no guess has such a character behind the listing's prefix, so "before or after a guess" is the same in both.
"""

from __future__ import annotations

import itertools
import queue
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.errors import BrowserError, Cancelled, ErrorFacts, ErrorKind
from cloudtemple_browser.model.paging import PageAnswer, PageRequest

_LIMIT_EMPTY = 50  # pages without a name, in a row: long runs of delete markers give some
_PROBES_A_RANGE = 8
_WORTH_A_PROBE = 2.0  # pages
_DIGITS = frozenset("0123456789")
_DEEPEST = 256  # characters of a name that are looked at
_ENOUGH = 8  # names with one character at a depth: it is the same in all, most likely
_UNKNOWN_PAGES = 16.0  # what a range counts for before its siblings were asked for
_FIRST_SURROGATE = "\ud800"
_CLEAN_PAGES = 8  # without a refusal for haste, until one more request at a time is tried
_TURN = 0.05  # seconds between two looks at the control
_HASTE_PAUSE = 1.0  # seconds before a request that was refused for haste, after all its retries, is sent again

T = TypeVar("T")
_NO_ANSWER = PageAnswer(None, truncated=True)  # a page without a name that does not say that there is none
Handle = Callable[[PageAnswer], Iterator[Any]]
Told = Callable[["PageAnswer | Exception"], None]


class Fetcher(Protocol):
    """Sends page requests, at most ``limit`` of this walk at a time."""

    limit: int

    def submit(self, request: PageRequest, done: Told) -> None:
        """Send a request; ``done`` is told the answer or a ``BrowserError`` or ``Cancelled``, in any thread."""


def utf16(name: str) -> bytes:
    """The place of a name in the order of a store that compares UTF-16, as Dell ECS does."""
    return name.encode("utf-16-be", "surrogatepass")


def after_all(stem: str) -> str:
    """A name after all that begin with ``stem``, and before all others that come after these; "" when there is none."""
    following = chr(ord(stem[-1]) + 1) if stem else _FIRST_SURROGATE
    return stem[:-1] + following if following < _FIRST_SURROGATE else ""


@dataclass(eq=False, slots=True)
class _Range:
    """The names after ``after`` up to ``until`` ("": to the end).

    ``opens`` is the first of them where a probe has shown it, and ``following`` the first name beyond ``until``, if any.
    """

    after: str
    until: str
    following: str
    opens: str = ""
    token: str = ""
    marker: str = ""
    pages: int = 0
    empty: int = 0
    page_first: str = ""
    busy: bool = False
    probes: int = 0
    scanned: set[int] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)
    pending: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Outlook:
    """The last name of a range, the depths at which names behind it may differ from it, and how many pages may be left."""

    last: str
    depths: list[int]
    pages: float


class Walk:
    """One listing. ``results`` runs in the thread that iterates it; answers may come in any thread."""

    def __init__(self, fetcher: Fetcher, request: PageRequest, control: CallControl, *, sequential: bool = False) -> None:
        self._fetcher, self._request, self._control = fetcher, replace(request, exact=sequential), control
        self._answers: queue.SimpleQueue[Callable[[], Iterator[Any]]] = queue.SimpleQueue()
        self._ranges = [_Range(request.after, request.until, "")]
        self._out = 0  # requests under way
        self._width = 1  # how many there may be
        self._again: list[tuple[PageRequest, Handle]] = []  # refused for haste
        self._wave = 0  # how often it was halved
        self._clean = 0  # answers without a refusal for haste since the last change of the width
        self._by_bytes = self._by_utf16 = True
        self._may_split = fetcher.limit > 1 and not sequential
        self._trusted = False  # the store was seen to honour start-after
        self._checking = self._was_split = False
        self._seen: defaultdict[int, set[str]] = defaultdict(set)  # the characters at each depth of the names
        self._samples: Counter[int] = Counter()  # ... of how many names
        self._letters: set[str] = set()
        self._tokens: set[str] = set()
        self._names: set[int] = set()  # digests of all names, where they are to be compared
        self.requests = 0

    def results(self) -> Iterator[Any]:
        """What was made of each page, every name once, in the order in which pages come.

        Raises whatever a page failed with, PARTIAL where the store breaks off without an end or repeats a name, LIST_AGAIN (see
        above; never where it is ``sequential``), and ``Cancelled`` at once when the control says so.
        """
        self._ask_page(self._ranges[0])
        while self._out:
            yield from self._next_answer()()
            if self._control.cancelled:
                raise Cancelled
            self._schedule()

    def _next_answer(self) -> Callable[[], Iterator[Any]]:
        while True:
            if self._control.cancelled:
                raise Cancelled
            try:
                return self._answers.get(timeout=_TURN)
            except queue.Empty:
                continue

    # ------------------------------------------------------------------------------------------------ requests

    def _submit(self, request: PageRequest, handle: Handle) -> None:
        self._out += 1
        self.requests += 1

        wave = self._wave

        def done(answer: PageAnswer | Exception) -> None:  # in any thread
            self._answers.put(partial(self._take, request, handle, answer, wave))

        self._fetcher.submit(request, done)

    def _take(self, request: PageRequest, handle: Handle, answer: PageAnswer | Exception, wave: int) -> Iterator[Any]:
        self._out -= 1
        if isinstance(answer, Exception):
            haste = isinstance(answer, BrowserError) and answer.kind is ErrorKind.THROTTLED
            if isinstance(answer, BrowserError) and not haste and request.max_keys < self._request.max_keys:
                yield from handle(_NO_ANSWER)  # a probe is not worth the listing
                return
            if not haste or (self._width == 1 and not self._out):
                raise answer
            # These may be too many requests, and not the store alone too busy.
            if self._slow_down(wave) and self._control.wait(_HASTE_PAUSE):
                raise Cancelled
            self._again.append((request, handle))
            return
        if answer.throttled:
            self._slow_down(wave)
        else:
            self._clean += 1
            if self._clean > _CLEAN_PAGES:  # quickly at first, slowly after a refusal
                self._width, self._clean = min(self._width + 1, self._fetcher.limit), 0
        yield from handle(answer)

    def _slow_down(self, wave: int) -> bool:
        """Halve the number of requests, once for all that went out before the last time; True when that was done."""
        if wave != self._wave:
            return False
        self._width, self._clean, self._wave = max(1, self._width // 2), 0, self._wave + 1
        return True

    def _ask_page(self, part: _Range) -> None:
        part.busy = True
        after = "" if part.token or part.marker else part.after
        request = replace(self._request, after=after, token=part.token, marker=part.marker, until=part.until)
        if part.token or part.marker:
            request = replace(request, seen=part.after)
        self._submit(request, partial(self._page_came, part))

    def _schedule(self) -> None:
        """Use the requests that may be under way: pages first, then probes where most is left."""
        while self._out < self._width:
            if self._again:
                self._submit(*self._again.pop())
                continue
            idle = next((part for part in self._ranges if not part.busy), None)
            if idle:
                self._ask_page(idle)
            elif not self._probe():
                return

    # ------------------------------------------------------------------------------------------------ pages

    def _page_came(self, part: _Range, answer: PageAnswer) -> Iterator[Any]:
        part.busy = False
        self._check_names(answer)
        self._check_order(part, answer)
        if answer.count:
            part.after, part.page_first, part.empty = answer.last, answer.first, 0
            part.pages += 1
            self._learn(answer.first, answer.last, answer.check[0])
        else:
            part.empty += 1
        self._apply_splits(part)
        failure = None
        if answer.past or not answer.truncated:
            self._ranges.remove(part)
            self._join(part, answer.past)
        else:
            failure = self._go_on(part, answer)
        if self._may_split and not self._checking and answer.check[0] and answer.truncated:
            self._checking = True
            self._submit(self._one_after(answer.check[0]), partial(self._checked, answer.check[1]))
        if not failure and self._fetcher.limit > 1:
            self._schedule()  # before whoever takes the page holds this up
        yield answer.result
        if failure:
            raise failure

    def _learn(self, *names: str) -> None:
        """Note which characters names have, and where."""
        begin = len(self._request.prefix)
        for name in names:
            for depth in range(begin, min(len(name), begin + _DEEPEST)):
                self._seen[depth].add(name[depth])
                self._samples[depth] += 1
                if not name[depth].isdigit():
                    self._letters.add(name[depth])

    def _check_names(self, answer: PageAnswer) -> None:
        """Compare the names of a page with each other and with all before, where order does not tell that they are new."""
        names = array("Q")
        names.frombytes(answer.digests)
        known = len(self._names)
        self._names.update(names)
        if len(self._names) < known + len(names):
            raise self._failure(ErrorKind.PARTIAL, "a page brought what came before")

    def _check_order(self, part: _Range, answer: PageAnswer) -> None:
        """Note which orders the store may keep; where it keeps none, ranges mean nothing, and each name is to be compared."""
        behind = bool(part.after and answer.count)
        self._by_bytes &= answer.by_bytes and not (behind and answer.first <= part.after)
        self._by_utf16 &= answer.by_utf16 and not (behind and utf16(answer.first) <= utf16(part.after))
        if not (self._by_bytes or self._by_utf16):
            self._may_split = False
            one_page = answer.digests and not answer.truncated and len(self._ranges) == 1 and not part.pages
            if not (self._request.exact or one_page):
                raise self._failure(ErrorKind.LIST_AGAIN, "names do not rise")

    def _sequential_only(self, why: str) -> None:
        self._may_split = False
        if self._was_split:
            raise self._failure(ErrorKind.LIST_AGAIN, why)

    def _go_on(self, part: _Range, answer: PageAnswer) -> BrowserError | None:
        """Note where the next page of a range begins, or say why that is not known.

        Tokens are compared with all before: A, B, A, B would go round for ever.
        """
        if answer.marker:
            self._sequential_only("the store knows ListObjects only")
            part.marker, step = answer.marker, f"marker {answer.marker}"
        else:
            part.token, step = answer.token, answer.token
        if not step:
            return self._failure(ErrorKind.PARTIAL, "no continuation token")
        if step in self._tokens:
            return self._failure(ErrorKind.PARTIAL, "the continuation token repeats")
        if part.empty > _LIMIT_EMPTY:
            return self._failure(ErrorKind.PARTIAL, "too many pages brought nothing")
        self._tokens.add(step)
        if not self._wave:
            self._width = min(self._width + 2, self._fetcher.limit)
        return None

    def _failure(self, kind: ErrorKind, why: str) -> BrowserError:
        request = self._request
        subject = f"s3://{request.bucket}/{request.prefix}"
        facts = ErrorFacts(operation="ListObjectsV2", subject=subject, message=why)
        return BrowserError(kind, facts, (("message", why),))

    # ------------------------------------------------------------------------------------------------ edges

    def _join(self, part: _Range, past: str) -> None:
        """Prove the edge of a range that ended: the first name beyond it must be the one that the next range began with."""
        if part.until and self._was_split and past != part.following:
            self._submit(self._one_after(part.until), partial(self._joined, past))

    def _joined(self, past: str, answer: PageAnswer) -> Iterator[Any]:
        # Else the store has changed, and both say the same now; an answer that names nothing and has no end says nothing.
        if answer.first != past or (not answer.first and answer.truncated):
            self._sequential_only("two ranges do not join")
        return iter(())

    # ------------------------------------------------------------------------------------------------ probes

    def _one_after(self, name: str) -> PageRequest:
        return replace(self._request, after=name, until=self._request.until, max_keys=1)

    def _checked(self, expected: str, answer: PageAnswer) -> Iterator[Any]:
        self._trusted = answer.first == expected
        if not self._trusted:
            self._sequential_only("start-after is not honoured")
        return iter(())

    def _probe(self) -> bool:
        """Send one probe, into the range of which most seems to be left; False where there is none worth it."""
        if not (self._may_split and self._trusted):
            return False
        outlooks = ((part, self._outlook(part)) for part in self._ranges if part.pages and part.probes < _PROBES_A_RANGE)
        worth = [(part, outlook) for part, outlook in outlooks if outlook.pages >= _WORTH_A_PROBE]
        for part, outlook in sorted(worth, key=lambda one: one[1].pages / (1 + one[0].probes), reverse=True):
            guess = next(self._guesses(part, outlook), "")
            if guess:
                part.tried.add(guess)
                part.probes += 1
                self._submit(self._one_after(guess), partial(self._probed, part, guess))
                return True
        return False

    def _probed(self, asked: _Range, guess: str, answer: PageAnswer) -> Iterator[Any]:
        asked.probes -= 1
        found = answer.first
        if found and found <= guess and utf16(found) <= utf16(guess):
            self._sequential_only("start-after is not honoured")
            return iter(())
        inside = (part for part in self._ranges if part.after < guess and (not part.until or guess < part.until))
        part = next(inside, None)  # the range asked for may have been split since
        self._learn(found)
        if part is None or guess < part.opens or (not found and answer.truncated):
            return iter(())
        if found and (not part.until or found <= part.until):
            part.pending.append((guess, found))
            if not part.busy:
                self._apply_splits(part)
        elif found == part.following:
            part.until = guess  # nothing is between them; a page under way was asked up to the old end, which is the same
            self._was_split = True
        return iter(())

    def _apply_splits(self, part: _Range) -> None:
        """Split a range at the probes that found something, now that no page of it is under way."""
        for guess, found in sorted(part.pending, reverse=True):
            if found == part.following and guess > part.after:
                part.until = guess  # two guesses before the same name: the lower one is the edge
            elif part.after < guess and (not part.until or guess < part.until):
                self._ranges.append(_Range(guess, part.until, part.following, opens=found))
                part.until, part.following = guess, found
                self._was_split = True
        part.pending.clear()

    def _outlook(self, part: _Range) -> _Outlook:
        """What is known of the rest of a range, from its last page and its end."""
        prefix, delimiter = self._request.prefix, self._request.delimiter
        last = part.after.removesuffix(delimiter) if delimiter else part.after
        known = _common(last, part.until) if part.until else 0
        if part.until and part.until == after_all(last[: known + 1]):
            known += 1  # all that is left begins with this
        known = max(known, len(prefix))
        differs = max(_common(part.page_first, last), known)
        # Names as numbers: the characters seen at each depth are its digits, a page spans some of the deepest that changes in
        # it, and what is above the last name is left.
        pages, weight = 0.0, 1.0
        for depth in range(min(differs, len(last) - 1), known - 1, -1):
            digits = self._digits(last[depth], depth)
            if depth == differs:
                begin = part.page_first[depth : depth + 1]
                weight = 1 / max(1, sum(begin < digit <= last[depth] for digit in digits))
            pages += sum(digit > last[depth] for digit in digits) * weight
            weight *= len(digits)
        depths = [depth for depth in range(known, min(max(differs, known + 1), len(last))) if self._varies(depth)]
        return _Outlook(last, depths, pages if part.scanned else pages + _UNKNOWN_PAGES)

    def _varies(self, depth: int) -> bool:
        """Whether names may have other characters at this depth: all of many had the same."""
        return len(self._seen[depth]) > 1 or self._samples[depth] < _ENOUGH

    def _digits(self, like: str, depth: int) -> list[str]:
        """The characters that may stand where ``like`` stands, as far as was seen."""
        if not self._varies(depth):
            return [like]
        if like.isdigit():
            return sorted(self._seen[depth] | _DIGITS)
        return sorted(self._seen[depth] | self._letters)

    def _guesses(self, part: _Range, outlook: _Outlook) -> Iterator[str]:
        """Places between the last name of a range and its end that were not tried, the most telling first."""
        prefix, delimiter = self._request.prefix, self._request.delimiter
        # The siblings once: they show how deep the names go on together. Halving would find that out much later.
        for guess in itertools.chain(_siblings(part, outlook), self._fillers(outlook)):
            tail = guess[len(prefix) :]
            inside = guess > part.after and guess >= part.opens and (not part.until or guess < part.until)
            sound = max(tail, default="") < _FIRST_SURROGATE and not (delimiter and delimiter in tail)
            if inside and sound and guess not in part.tried:
                yield guess

    def _fillers(self, outlook: _Outlook) -> Iterator[str]:
        """Where something may lie between, shallow places first: the middle of the characters seen, then their quarters."""
        for depth in outlook.depths:
            like = outlook.last[depth]
            for middle in _middles([digit for digit in self._digits(like, depth) if digit > like]):
                yield outlook.last[:depth] + middle


def _siblings(part: _Range, outlook: _Outlook) -> Iterator[str]:
    """After all that begins as the last name does, at every depth once: the deeper, the nearer."""
    depths = outlook.depths
    for depth in _middles(depths[:-1] or depths):  # at the last depth the next sibling is on the next page
        if depth not in part.scanned:
            part.scanned.add(depth)
            if sibling := after_all(outlook.last[: depth + 1]):
                yield sibling


def _common(one: str, two: str) -> int:
    """How many characters two names have in common at their beginning."""
    return next(
        (at for at, (first, second) in enumerate(zip(one, two, strict=False)) if first != second), min(len(one), len(two))
    )


def _middles(choices: Sequence[T]) -> Iterator[T]:
    """The middle of a sequence, the middles of its halves, and so on."""
    spans = [(0, len(choices))]
    while spans:
        begin, end = spans.pop(0)
        if begin < end:
            middle = (begin + end) // 2
            yield choices[middle]
            spans += [(begin, middle), (middle + 1, end)]
