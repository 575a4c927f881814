"""Where the icons, style sheets and translations are, in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_path(*parts: str) -> Path:
    """The path of a resource, for example ``resource_path("icons", "upload.svg")``. Whether it exists is not looked at.

    An installed package carries ``resources`` inside itself; a checkout has it beside the package.
    """
    inside = _PACKAGE / "resources"
    return (inside if inside.is_dir() else _PACKAGE.parent / "resources").joinpath(*parts)
