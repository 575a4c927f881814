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


def make_certificate(folder: Path, names: str = LOOPBACK_NAMES, days: int = 2) -> Certificate:
    """An authority and a certificate for ``names`` signed by it, valid for some ``days``; -1: it has expired."""
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
        "openssl", "x509", "-req", "-days", str(days), "-in", request, "-CA", made.authority, "-CAkey", authority_key,
        "-CAcreateserial", "-extfile", extensions, "-out", made.certificate,
    )  # fmt: skip
    return made


def _run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True, timeout=60)


_CA = """[ca]
default_ca = here
[here]
dir = {folder}
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
"""


def make_odd_certificate(
    folder: Path, names: str = LOOPBACK_NAMES, *, since: str = "", until: str = "", self_signed: bool = False
) -> Certificate:
    """A certificate that may be valid at another time (``20200101000000Z``), or signed by itself."""
    made = make_certificate(folder, names)
    request, extensions, config = folder / "request.pem", folder / "extensions", folder / "ca.cnf"
    if self_signed:
        new = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=self-signed")
        _run(*new, "-addext", f"subjectAltName={names}", "-keyout", made.key, "-out", made.certificate)
    elif since:
        config.write_text(_CA.format(folder=folder))
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("01\n")
        _run(
            "openssl", "ca", "-batch", "-config", config, "-in", request, "-out", made.certificate, "-notext",
            "-cert", made.authority, "-keyfile", folder / "ca.key", "-startdate", since, "-enddate", until,
            "-extfile", extensions,
        )  # fmt: skip
    return made
