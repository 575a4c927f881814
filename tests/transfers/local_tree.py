"""Files on the disk and bytes to put into them."""

from __future__ import annotations

from pathlib import Path


def content(size: int, seed: int = 0) -> bytes:
    """Bytes in which every part differs from every other."""
    return b"".join(f"{seed}:{n};".encode() for n in range(size // 3 + 1))[:size]


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by relative path; a folder without entries is there as ``name/``."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() or path.is_symlink():
            found[name] = path.read_bytes()
        elif not any(path.iterdir()):
            found[f"{name}/"] = b""
    return found


def temporary(folder: Path) -> list[Path]:
    """The temporary files in a folder."""
    return list(folder.glob(".*.part"))
