"""The connections file. Everything in it is checked on load as if a stranger had written it; secrets are never in it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from cloudtemple_browser.model.addresses import is_bucket_name
from cloudtemple_browser.model.connections import (
    Addressing,
    Connection,
    SecretText,
    Signature,
    connection_problems,
    endpoint_from_input,
)
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.persistence.files import read_json, write_json

_T = TypeVar("_T")

LOG = logging.getLogger(__name__)
VERSION = 1

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAMES = tuple(field.name for field in fields(Connection))
_TEXTS = ("id", "name", "endpoint", "access_key", "region", "bucket", "prefix", "ca_bundle", "proxy")


class _Unusable(Exception):
    """An entry is not a connection. Its text is the name of a field, never a value: that may be a misplaced secret."""


class JsonConnectionBook:
    """Saved connections as ``{"version": 1, "connections": [{…}, …]}``. Blocking; any thread.

    What this version does not understand it keeps: fields that a newer version added, and entries that it cannot use (these
    are left out of ``load``, and logged), survive a save.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: dict[str, Connection] = {}  # what the file had when this process read or wrote it last, by id

    def load(self) -> tuple[Connection, ...]:
        """All sound connections in the user's order. A damaged file is set aside as ``*.damaged``; then there are none.

        Raises:
            BrowserError: LOCAL_DENIED or LOCAL_OTHER when the file is there and cannot be read.
        """
        found: dict[str, Connection] = {}
        for number, entry in enumerate(self._read()["connections"], 1):
            try:
                connection = _connection(entry)
            except _Unusable as error:
                LOG.warning("%s: entry %d is not used: %s", self._path, number, error)
                continue
            if connection.id in found:
                LOG.warning("%s: entry %d is not used: its id is already taken", self._path, number)
            found.setdefault(connection.id, connection)
        self._seen = found
        return tuple(found.values())

    def save(self, connections: Sequence[Connection]) -> None:
        """Replace the file atomically, with what changed since it was read here: other windows write to it, too.

        Raises:
            BrowserError: LOCAL_DENIED, DISK_FULL or LOCAL_OTHER; then the earlier file is untouched.
        """
        earlier = self._read()
        newer: dict[str, dict[str, Any]] = {}
        there: dict[str, Connection] = {}
        unusable: list[Any] = []
        for entry in earlier["connections"]:
            try:
                connection = _connection(entry)
            except _Unusable:
                unusable.append(entry)
            else:
                there.setdefault(connection.id, connection)
                newer[connection.id] = {name: value for name, value in entry.items() if name not in _NAMES}
        merged = self._merged({connection.id: connection for connection in connections}, there)
        saved = [{**newer.get(connection.id, {}), **_fields(connection)} for connection in merged]
        version = earlier["version"]
        newest = version if type(version) is int and version > VERSION else VERSION
        write_json(self._path, {**earlier, "version": newest, "connections": saved + unusable})
        self._seen = {connection.id: connection for connection in connections}

    def _merged(self, ours: dict[str, Connection], there: dict[str, Connection]) -> list[Connection]:
        """Ours where they were changed here, else what is there; what was never seen here is another window's and stays."""
        found: list[Connection] = []
        for number, mine in ours.items():
            seen, theirs = self._seen.get(number), there.get(number)
            if seen is None or seen != mine:
                found.append(mine)
            elif theirs is not None:  # else another window deleted it
                ours_alone = mine.traits != seen.traits and mine.endpoint == theirs.endpoint
                found.append(replace(theirs, traits=mine.traits if ours_alone else theirs.traits))
        return [*found, *(theirs for number, theirs in there.items() if number not in ours and number not in self._seen)]

    def _read(self) -> dict[str, Any]:
        file = read_json(self._path, lambda value: isinstance(value.get("connections", []), list))
        return {"version": VERSION, "connections": [], **(file.value or {})}


def _fields(connection: Connection) -> dict[str, Any]:
    values = {name: getattr(connection, name) for name in _NAMES}
    return {
        **values,
        "addressing": connection.addressing.value,
        "signature": connection.signature.value,
        "buckets": list(connection.buckets),
        "traits": [trait.value for trait in connection.traits],
    }


def _connection(entry: Any) -> Connection:
    """The connection that an entry describes; _Unusable with the name of the first wrong field when it describes none.

    A field that decides where requests go and how they are signed must be right, else the entry is not used: a default in its
    place could send data past a proxy or unencrypted. Only decoration is repaired (``colour``, names in ``buckets``) and what
    can be learnt again (``traits``).
    """
    if not isinstance(entry, dict):
        raise _Unusable("not an object")
    texts = dict(_texts(entry))
    if not _ID.fullmatch(texts.get("id", "")):
        raise _Unusable("id")
    for name in ("name", "endpoint", "access_key"):
        if name not in texts:
            raise _Unusable(name)
    typed = texts["endpoint"]
    texts["endpoint"] = endpoint_from_input(typed)  # without a path, a query or a user name
    colour, buckets, traits = entry.get("colour"), entry.get("buckets"), entry.get("traits")
    connection = Connection(
        **texts,
        addressing=Addressing(_one_of("addressing", [choice.value for choice in Addressing], entry)),
        signature=Signature(_one_of("signature", [choice.value for choice in Signature], entry)),
        allow_http=_one_of("allow_http", [False, True], entry),
        buckets=tuple(filter(_is_bucket, buckets)) if isinstance(buckets, list) else (),
        colour=colour if type(colour) is int and colour >= 0 else 0,
        traits=tuple(trait for trait in Trait if isinstance(traits, list) and trait.value in traits),
    )
    for name in connection_problems(connection, typed, SecretText("")):
        if name != "secret":  # that one is in the keyring
            raise _Unusable(name)
    return connection


def _one_of(name: str, choices: list[_T], entry: dict[str, Any]) -> _T:
    """The value of ``name`` when it is one of ``choices``, type included (1 is not True); the first one when it is missing."""
    if name not in entry:
        return choices[0]
    for choice in choices:
        if type(entry[name]) is type(choice) and entry[name] == choice:
            return choice
    raise _Unusable(name)


def _is_bucket(name: Any) -> bool:
    return isinstance(name, str) and is_bucket_name(name)


def _texts(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name in _TEXTS:
        if name in entry:
            if not isinstance(entry[name], str):
                raise _Unusable(name)
            yield name, entry[name]
