"""A throw-away certificate authority and a server certificate for loopback, made by the ``openssl`` command."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

LOOPBACK_NAMES = "DNS:localhost,DNS:*.localhost,IP:127.0.0.1"


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files: the authority that signed, the server's certificate and its key."""

    authority: Path
    certificate: Path
    key: Path


def make_certificate(folder: Path, names: str = LOOPBACK_NAMES) -> Certificate:
    """An authority and a certificate for ``names`` signed by it, valid for two days."""
    made = Certificate(folder / "ca.pem", folder / "cert.pem", folder / "key.pem")
    authority_key, request, extensions = folder / "ca.key", folder / "request.pem", folder / "extensions"
    extensions.write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
    new_key = ("openssl", "req", "-newkey", "rsa:2048", "-nodes")
    _run(
        *new_key, "-x509", "-days", "2", "-subj", "/CN=Test Authority", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout", authority_key, "-out", made.authority,
    )  # fmt: skip
    _run(*new_key, "-subj", "/CN=localhost", "-keyout", made.key, "-out", request)
    _run(
        "openssl", "x509", "-req", "-days", "2", "-in", request, "-CA", made.authority, "-CAkey", authority_key,
        "-CAcreateserial", "-extfile", extensions, "-out", made.certificate,
    )  # fmt: skip
    return made


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=60)
