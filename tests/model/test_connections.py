"""Connections: what a typed endpoint becomes, what a form is refused for, and that a secret never shows."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import traceback
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudtemple_browser.model.connections import (
    Connection,
    SecretText,
    connection_problems,
    endpoint_from_input,
    is_loopback,
)

SECRET = SecretText("wJalrXUtnFEMI/K7MDENG")
GOOD = Connection("Production", "https://acme.s3.fr1.cloud-temple.com", "AKIA", region="fr1")


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("acme", "https://acme.s3.fr1.cloud-temple.com"),
        ("  ACME-2 ", "https://acme-2.s3.fr1.cloud-temple.com"),
        ("a", "https://a.s3.fr1.cloud-temple.com"),
        ("s3.example.com", "https://s3.example.com"),
        ("S3.Example.com:9000", "https://s3.example.com:9000"),
        ("localhost", "https://localhost"),
        ("localhost:9000", "https://localhost:9000"),
        ("http://localhost:9000/", "http://localhost:9000"),
        ("https://h.test/path/x?list-type=2#f", "https://h.test"),
        ("https://user:pass@h.test:8443/b", "https://h.test:8443"),
        ("user:pass@h.test", "https://h.test"),
        ("HTTP://10.0.0.1", "http://10.0.0.1"),
        ("http://[2001:DB8::1]:9000/x", "http://[2001:db8::1]:9000"),
        ("[::1]", "https://[::1]"),
        ("xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example"),
        ("my_minio:9000", "https://my_minio:9000"),
        ("s3.example.com.", "https://s3.example.com."),
    ],
)
def test_the_endpoint_of_what_is_typed(text: str, endpoint: str) -> None:
    assert endpoint_from_input(text) == endpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "-acme",
        "acme-",
        "a b",
        "ftp://h.test",
        "s3://bucket",
        "https://",
        "https:///x",
        "https://a..b",
        "https://h.test..",
        "https://h.test:99999",
        "https://h.test:x",
        "https://[::1",
        "https://ho st",
        "münchen.example",
        "\u0430cme.example",  # a Cyrillic a: looks like acme.example
        "g\u03bf\u03bfgle.com",
        "acm\u00e9",
        "acme\u200b.example",
        "h.test\u2044evil.example",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 127 + "ab",
        "::1",
        "https://%68ost",
        "https://h.test%2fx",
    ],
)
def test_what_is_no_endpoint(text: str) -> None:
    assert endpoint_from_input(text) == ""


@given(st.text())
def test_an_endpoint_is_a_plain_ascii_url_without_anything_but_the_host(text: str) -> None:
    endpoint = endpoint_from_input(text)
    if endpoint:
        parts = urlsplit(endpoint)
        assert endpoint.isascii()
        assert endpoint.isprintable()
        assert parts.scheme in ("http", "https")
        assert parts.hostname
        assert (parts.path, parts.query, parts.fragment, parts.username, parts.password) == ("", "", "", None, None)
        assert endpoint_from_input(endpoint) == endpoint


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "notlocalhost", "127.0.0.1.example", "::2", ""])
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("endpoint", "insecure"),
    [
        ("https://h.test", False),
        ("http://h.test", True),
        ("http://localhost:9000", False),
        ("http://[::1]:9000", False),
        ("http://127.0.0.1.h.test", True),
    ],
)
def test_what_travels_unencrypted(endpoint: str, insecure: bool) -> None:
    assert replace(GOOD, endpoint=endpoint).insecure is insecure


def problems(connection: Connection, typed: str = "acme", secret: SecretText = SECRET) -> set[str]:
    return set(connection_problems(connection, typed, secret))


def test_a_good_form_has_no_problems() -> None:
    assert problems(GOOD) == set()


def test_an_empty_form_says_everything_that_is_missing() -> None:
    assert problems(Connection("", "", ""), "", SecretText("")) == {"name", "endpoint", "access_key", "secret"}


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("name", "   ", "name"),
        ("endpoint", "", "endpoint"),
        ("endpoint", "http://h.test", "endpoint"),
        ("access_key", "", "access_key"),
        ("access_key", "AK IA", "access_key"),
        ("access_key", "AKIÀ", "access_key"),
        ("access_key", "AKIA\n", "access_key"),
        ("access_key", SECRET.reveal(), "secret"),  # the same twice
        ("bucket", "no/bucket", "bucket"),
        ("prefix", "a/", "prefix"),
        ("region", "", "region"),
        ("region", "fr 1", "region"),
        ("region", "fr1\r\nX-Evil: 1", "region"),
        ("proxy", "proxy:8080", "proxy"),
        ("proxy", "http://proxy", "proxy"),
        ("proxy", "http://user:pw@proxy:80", "proxy"),
        ("proxy", "http://:pw@proxy:80", "proxy"),
        ("proxy", "http://@proxy:80", "proxy"),
        ("proxy", "socks5://proxy:80", "proxy"),
        ("proxy", "http://proxy:99999", "proxy"),
    ],
)
def test_each_field_is_refused_at_its_own_place(field: str, value: str, problem: str) -> None:
    assert problems(replace(GOOD, **{field: value})) == {problem}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "host", ["acme.s3.fr1.cloud-temple.com", "ACME.S3.FR1.Cloud-Temple.COM", "cloud-temple.com", "x.cloud-temple.com."]
)
def test_the_provider_is_never_used_without_encryption(host: str) -> None:
    connection = replace(GOOD, endpoint=endpoint_from_input(f"http://{host}:8080"), allow_http=True)
    found = connection_problems(connection, connection.endpoint, SECRET)
    assert "https:// only" in str(found.pop("endpoint"))
    assert not found
    assert problems(replace(connection, endpoint=connection.endpoint.replace("http:", "https:"))) == set()


def test_a_host_that_only_looks_like_the_provider_is_not_the_provider() -> None:
    for host in ("notcloud-temple.com", "cloud-temple.com.evil.test"):
        assert problems(replace(GOOD, endpoint=f"http://{host}", allow_http=True)) == set()


@pytest.mark.parametrize("secret", ["", "with space", "é", "tab\t"])
def test_secrets_that_can_not_be_right(secret: str) -> None:
    assert problems(GOOD, secret=SecretText(secret)) == {"secret"}


@pytest.mark.parametrize(
    "changes",
    [
        {"bucket": "logs", "prefix": "a b/é"},
        {"endpoint": "http://h.test", "allow_http": True},
        {"endpoint": "http://127.0.0.1:9000"},
        {"proxy": "http://proxy:8080"},
    ],
)
def test_what_is_allowed(changes: dict[str, str | bool]) -> None:
    assert problems(replace(GOOD, **changes)) == set()  # type: ignore[arg-type]


def test_no_problem_repeats_the_secret() -> None:
    for secret in ("with space s3cr3t", "s3cr3té"):
        for text in connection_problems(replace(GOOD, access_key=secret), "acme", SecretText(secret)).values():
            assert "s3cr3t" not in str(text)


# --- secrets


@dataclass(frozen=True, slots=True)
class Holder:
    secret: SecretText


def test_a_secret_never_prints_itself(caplog: pytest.LogCaptureFixture) -> None:
    secret = SecretText("s3cr3t")
    logging.getLogger("test").warning("%s %r %s", secret, secret, {"k": [secret]})
    holder = Holder(secret)
    printed = [
        str(secret),
        repr(secret),
        f"{secret}",
        f"{secret!r}",
        "{}".format(secret),  # noqa: UP032 - the other way to format
        "%s" % secret,  # noqa: UP031
        repr(holder),
        str([secret]),
        repr({secret: secret}),
        str(dataclasses.asdict(holder)),
        caplog.text,
    ]
    with pytest.raises(TypeError) as wide:
        f"{secret:>20}"
    with pytest.raises(TypeError) as dumped:
        json.dumps({"secret": secret})
    with pytest.raises(TypeError) as added:
        "a" + secret  # type: ignore[operator]
    with pytest.raises(AttributeError) as missing:
        secret.value  # type: ignore[attr-defined]  # noqa: B018
    printed += ["".join(traceback.format_exception(caught.value)) for caught in (wide, dumped, added, missing)]
    assert not [text for text in printed if "s3cr3t" in text.replace('SecretText("s3cr3t")', "")]


def test_a_secret_crosses_processes_and_compares_by_value() -> None:
    secret = SecretText("s3cr3t")
    assert pickle.loads(pickle.dumps(secret)).reveal() == "s3cr3t"  # noqa: S301 - our own bytes
    assert copy.deepcopy(secret) == secret == SecretText("s3cr3t")
    assert secret != SecretText("other")
    assert secret != "s3cr3t"
    assert hash(secret) == hash(SecretText("s3cr3t"))
    assert not SecretText("")
    assert secret


def test_a_connection_can_not_hold_a_secret() -> None:
    assert not [field.name for field in dataclasses.fields(Connection) if "secret" in field.name or "Secret" in str(field.type)]


def test_each_new_connection_has_an_id_of_its_own() -> None:
    assert len({Connection("", "", "").id for _ in range(100)}) == 100
