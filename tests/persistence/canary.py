"""Looks for a secret where it must not be, in every form in which it may be there."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

CANARY = "CANARY/secret+key=k9Qw7Zr2Xv5Tn8Lp"
"""A secret key with all that a store puts into one."""


def disguises(secret: str) -> set[bytes]:
    """The ways in which something could hold ``secret`` without its owner noticing."""
    raw = secret.encode()
    found = {raw, secret.encode("utf-16-le"), secret.encode("utf-16-be"), raw.hex().encode(), raw.hex().upper().encode()}
    quoted = {quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret).strip('"')}
    found |= {one.encode() for one in quoted} | {quote(secret, safe="").lower().encode(), secret.replace("/", r"\/").encode()}
    for shift in range(3):  # base64 has three phases; the letters that depend on the neighbours are cut off
        padded = b"x" * shift + raw
        found |= {base64.b64encode(padded)[4:-4], base64.urlsafe_b64encode(padded)[4:-4]}
    return found


def within(data: bytes, secret: str) -> list[bytes]:
    """The forms of the secret that ``data`` holds."""
    return [form for form in sorted(disguises(secret)) if form in data]


def holders(folder: Path, secret: str) -> list[Path]:
    """The files below ``folder`` that hold the secret in any disguise, in their names or inside."""
    forms = disguises(secret)
    found = folder.rglob("*")
    return [path for path in found if within(str(path).encode(), secret) or (path.is_file() and _holds(path, forms))]


def _holds(path: Path, forms: set[bytes]) -> bool:
    """Looks at a piece at a time: a core file may be larger than this process may be."""
    overlap, rest = max(map(len, forms)), b""
    with path.open("rb") as file:
        while piece := file.read(8 << 20):
            if any(form in rest + piece for form in forms):
                return True
            rest = (rest + piece)[-overlap:]
    return False
