"""What crosses a port is frozen and picklable: every value type is made from its own annotations, and goes there and back."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import importlib
import inspect
import pickle
import pkgutil
import types
import typing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cloudtemple_browser.model
from cloudtemple_browser.model.connections import SecretText

VALUE_MODULES = (
    *(f"cloudtemple_browser.model.{found.name}" for found in pkgutil.iter_modules(cloudtemple_browser.model.__path__)),
    "cloudtemple_browser.app.ports",
    "cloudtemple_browser.transfers.ports",
    "cloudtemple_browser.transfers.events",
    "cloudtemple_browser.transfers.work",
    "cloudtemple_browser.transfers.work_upload",
    "cloudtemple_browser.transfers.work_download",
    "cloudtemple_browser.transfers.conflicts",
)
MODULES = [importlib.import_module(name) for name in VALUE_MODULES]
NAMES = {name: value for module in MODULES for name, value in vars(module).items()}  # aliases are written in each other's words
PLAIN: dict[object, object] = {
    str: "café\n<b>",
    int: 2**40,
    float: 1.5,
    bool: True,
    bytes: b"\0\xff",
    Path: Path("a", "b"),
    SecretText: SecretText("s3cret"),
    type(None): None,
    object: "anything",
    Any: "anything",
}


def public_classes(module: ModuleType) -> list[type]:
    """The public classes that a module defines itself."""
    mine = [item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == module.__name__]
    return [item for item in mine if not item.__name__.startswith("_")]


def is_value(item: type) -> bool:
    """Whether a class is a value: a frozen dataclass, an enum or an exception."""
    return issubclass(item, (enum.Enum, Exception)) or (dataclasses.is_dataclass(item) and is_frozen(item))


def is_frozen(item: type) -> bool:
    """Whether a dataclass is frozen."""
    return bool(item.__dataclass_params__.frozen)  # type: ignore[attr-defined]


def sample(kind: Any) -> object:
    """A value of an annotated type."""
    if kind in PLAIN:
        return PLAIN[kind]
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        return sample(arguments[0])
    if origin is typing.Literal:
        return arguments[0]
    if origin is tuple:
        return tuple(sample(argument) for argument in arguments if argument is not Ellipsis)
    if origin is collections.abc.Sequence:
        return tuple(map(sample, arguments))
    if origin is frozenset:
        return frozenset(map(sample, arguments))
    if origin in (collections.abc.Mapping, dict):
        return {sample(arguments[0]): sample(arguments[1])}
    if inspect.isclass(kind) and issubclass(kind, enum.Enum):
        return next(iter(kind))
    if inspect.isclass(kind) and (dataclasses.is_dataclass(kind) or issubclass(kind, Exception)):
        return make(kind)
    raise TypeError(f"a value cannot hold {kind}: neither plain, nor frozen, nor made of such")


def make(kind: type) -> object:
    """An instance of a dataclass or an exception, with a sample in every field."""
    if not dataclasses.is_dataclass(kind):
        return kind("said")
    hints = typing.get_type_hints(kind, globalns={**NAMES, **vars(inspect.getmodule(kind) or types)})
    return kind(**{item.name: sample(hints[item.name]) for item in dataclasses.fields(kind) if item.init})


def content(value: object) -> object:
    """What two equal values have in common: the fields, where equality is by identity (exceptions)."""
    if isinstance(value, Exception):
        return type(value), tuple(map(content, value.args)), {name: content(item) for name, item in vars(value).items()}
    if dataclasses.is_dataclass(value):
        return type(value), [content(getattr(value, item.name)) for item in dataclasses.fields(value)]
    return [content(item) for item in value] if isinstance(value, tuple) else value


VALUES = [item for module in MODULES for item in public_classes(module) if is_value(item)]


@pytest.mark.parametrize("kind", VALUES, ids=lambda kind: f"{kind.__module__.partition('.')[2]}.{kind.__name__}")
def test_a_value_crosses_a_process_border(kind: type) -> None:
    members = list(kind) if issubclass(kind, enum.Enum) else [make(kind)]
    for value in members:
        assert content(pickle.loads(pickle.dumps(value))) == content(value)  # noqa: S301 - our own bytes


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_dataclasses_are_frozen(module: ModuleType) -> None:
    """Errors are not: Python itself sets their traceback."""
    classes = [item for item in public_classes(module) if dataclasses.is_dataclass(item) and not issubclass(item, Exception)]
    assert [item.__name__ for item in classes if not is_frozen(item)] == []


def test_what_is_not_picklable_is_seen() -> None:
    @dataclasses.dataclass(frozen=True)
    class Local:
        name: str

    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(Local("a"))
    with pytest.raises(TypeError):
        sample(list[str])
