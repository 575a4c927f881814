"""The certificate that the other side of a TLS connection showed: also, and above all, when it was refused."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
from typing import Any

from cloudtemple_browser.model.errors import utc
from cloudtemple_browser.model.text import Value

_MOST = 300  # characters: a certificate is foreign text as long as its maker likes
_NAME_PARTS = {"commonName": "CN", "organizationName": "O", "organizationalUnitName": "OU", "countryName": "C"}
_SHOWN = "shown"


class Witness(ssl.SSLSocket):
    """A TLS socket whose failed handshake keeps what it refused: the connection is gone when anybody could ask for it.

    It is set as ``sslsocket_class`` of a context. No further handshake is made, and nothing of the checks changes.
    """

    def do_handshake(self, block: bool = False) -> None:
        """As of ``ssl.SSLSocket``."""
        try:
            super().do_handshake(block)
        except ssl.SSLCertVerificationError as error:
            setattr(error, _SHOWN, _of_handshake(self))
            raise

    def getpeercert(self, binary_form: bool = False) -> Any:
        """As of ``ssl.SSLSocket``; the certificate as a dict comes with its bytes."""
        found: Any = super().getpeercert(binary_form)
        return _Read(found, super().getpeercert(binary_form=True) or b"") if isinstance(found, dict) else found


class _Read(dict[str, Any]):
    """What a certificate says: urllib3, which compares the names by itself, keeps it in the failure. ``der``: its bytes."""

    def __init__(self, info: dict[str, Any], der: bytes) -> None:
        super().__init__(info)
        self.der = der


def certificate_shown(error: BaseException) -> tuple[tuple[str, Value], ...]:
    """What is known of the certificate that a handshake refused with ``error``: the values named in ``CERTIFICATE``."""
    found: tuple[tuple[str, Value], ...] = getattr(error, _SHOWN, ())
    read = getattr(error, "_peer_cert", None)
    return found or _values(read or {}, read.der if isinstance(read, _Read) else b"")


def certificate_used(sock: Any) -> tuple[tuple[str, Value], ...]:
    """The same of a connection whose certificate was accepted; nothing where it has none."""
    if not isinstance(sock, ssl.SSLSocket):
        return ()
    return _values(sock.getpeercert() or {}, sock.getpeercert(binary_form=True) or b"")


def _of_handshake(sock: ssl.SSLSocket) -> tuple[tuple[str, Value], ...]:
    # Public only since Python 3.13, where SSLSocket has it itself; without it the failure is told without its certificate.
    with contextlib.suppress(Exception):
        chain: Any = sock._sslobj.get_unverified_chain()  # type: ignore[attr-defined]
        return _values(chain[0].get_info(), ssl.PEM_cert_to_DER_cert(chain[0].public_bytes()))
    return ()


def _values(info: dict[str, Any], der: bytes) -> tuple[tuple[str, Value], ...]:
    names = ", ".join(str(name) for _kind, name in info.get("subjectAltName", ()))
    digest = hashlib.sha256(der).hexdigest().upper() if der else ""
    found = {
        "subject": _name(info.get("subject", ())),
        "issuer": _name(info.get("issuer", ())),
        "since": _time(info.get("notBefore", "")),
        "until": _time(info.get("notAfter", "")),
        "names": names[:_MOST],
        "fingerprint": ":".join(digest[at : at + 2] for at in range(0, len(digest), 2)),
    }
    return tuple((name, value) for name, value in found.items() if value)


def _name(parts: Any) -> str:
    """A distinguished name as people write it: ``CN=…, O=…``, the most telling part first."""
    flat = [(kind, value) for group in parts for kind, value in group]
    flat.sort(key=lambda part: part[0] != "commonName")
    return ", ".join(f"{_NAME_PARTS.get(kind, kind)}={value}" for kind, value in flat)[:_MOST]


def _time(text: str) -> str:
    try:
        return utc(ssl.cert_time_to_seconds(text)) if text else ""
    except (ValueError, OverflowError):
        return text[:_MOST]
