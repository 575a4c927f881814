"""One page of a listing as asked for and as answered: what goes to an engine process and comes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_KEYS = 1000  # S3's maximum
DIGEST = 8  # bytes: two of a million names have the same once in 30 million listings


@dataclass(frozen=True, slots=True)
class PageRequest:
    """One ListObjectsV2 request (ListObjects where ``marker`` is set): at most one of ``after``, ``token``, ``marker``.

    Names up to ``until``, and with it, are wanted; "" wants all. ``after`` and ``until`` are whole names. ``seen`` is the last
    name that came: a common prefix of that name, which some stores repeat, is left out. ``exact`` wants ``PageAnswer.digests``.
    """

    bucket: str
    prefix: str = ""
    delimiter: str = ""
    after: str = ""
    token: str = ""
    marker: str = ""
    until: str = ""
    seen: str = ""
    exact: bool = False
    max_keys: int = MAX_KEYS


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """One page: ``result`` is what was made of it (the ``ListingPage`` itself, or what a ``look`` returned).

    A name is a key or a common prefix. ``first`` and ``last`` are the page's smallest and largest names that were wanted, and
    ``past`` the first one that was not, each "" when there is none; ``count`` of the wanted ones. ``by_bytes`` and ``by_utf16``
    tell whether keys and common prefixes rise strictly in these orders. ``check`` is a pair (start-after, the first name that
    must then come) that this page proves. ``throttled`` counts refusals for haste on the way. ``digests`` has ``DIGEST`` bytes
    for each name, where they rise in neither order or that was wanted.
    """

    result: Any
    count: int = 0
    first: str = ""
    last: str = ""
    past: str = ""
    truncated: bool = False
    token: str = ""
    marker: str = ""
    by_bytes: bool = True
    by_utf16: bool = True
    check: tuple[str, str] = ("", "")
    throttled: int = 0
    digests: bytes = b""
