"""MiniStack as the demo needs it: S3 only, ACLs that work, signatures that are checked, nothing lost when it is killed.

Runs in the child process only: it sets the environment that MiniStack reads when it is imported. What MiniStack lacks for the
demo is here, in one place, for the version that pyproject.toml pins:

* a root key's signature is not checked, an IAM user's is: the demo's key belongs to a user (new at each start, in memory only);
* with SigV2 it takes ``?acl`` for ``?acl=`` and refuses the signature: here the query is as it was signed;
* a new bucket refuses ACLs: here it allows them, as the production store does;
* bucket configuration is saved at shutdown only: here after each change;
* objects are files named like their keys, which a disk that ignores case or Unicode form mixes up: here named by a hash;
* an object's file is written before its metadata, which has its key, and a kill between the two leaves a file that is listed by
  its own name: here such a file is removed at the next start, as its upload was never answered;
* requests without a key may list and make buckets, and ``/_ministack/reset`` wipes everything: here both are refused.
"""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import json
import os
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from cloudtemple_browser.demo.content import AWKWARD, TEN_THOUSAND, TEN_THOUSAND_OBJECTS, WELCOME, DemoBucket, DemoObject
from cloudtemple_browser.model.acl import CannedAcl

REGION = "us-east-1"  # the one region in which S3 makes a bucket without being told the region

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_BATCH = 16  # objects put between two turns of the event loop, which answers requests meanwhile
_ALLOWS_ACLS = (
    '<OwnershipControls xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>"
)
_METADATA = ".meta.json"
_USER = "demo"
_POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


class DemoService:
    """The ASGI application of the demo store, with its data in ``folder``. All methods belong to the event loop's thread."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._filled = asyncio.Event()
        os.environ.update(
            {
                "AUTH": "true",
                "SERVICES": "s3",
                "S3_PERSIST": "0",  # its import would load the objects, and miss old versions: their names are not yet hashes
                "S3_DATA_DIR": str(folder / "objects"),
                "PERSIST_STATE": "1",
                "STATE_DIR": str(folder / "state"),
                "GATEWAY_PORT": str(port),
                "MINISTACK_HOST": "localhost",
                "MINISTACK_REGION": REGION,
                "AWS_ACCESS_KEY_ID": secrets.token_hex(16),  # the root key, which nobody gets
                "AWS_SECRET_ACCESS_KEY": secrets.token_hex(16),
                "DOCKER_HOST": "unix:///nonexistent",  # MiniStack removes containers when it finds Docker
                "LOG_LEVEL": "WARNING",
            }
        )
        import ministack.app
        from ministack.core import iam_evaluator, persistence, router
        from ministack.services import iam, s3

        self._app: Callable[[Scope, Receive, Send], Awaitable[None]] = ministack.app.app
        self._claimed_key: Callable[[dict[str, str], dict[str, list[str]]], str] = router.extract_access_key_id
        self._persistence, self._s3, self._iam = persistence, s3, iam
        _replace(iam_evaluator, "_sigv2_check", _with_bare_names(iam_evaluator._sigv2_check))
        _replace(s3, "_new_bucket_public_access_block", lambda: {"_ownership_controls": _ALLOWS_ACLS})
        _replace(s3, "_plain_path_key", lambda _key: False)
        _replace(s3, "_encoded_key_name", lambda key: hashlib.sha256(key.encode()).hexdigest())
        _replace(s3, "S3_PERSIST", True)
        _remove_unfinished(folder / "objects")
        s3._load_persisted_data()
        s3.load_persisted_state(persistence.load_state("s3"))
        self.access_key = self.secret_key = ""

    async def prepare(self) -> None:
        """Make the key, and fill the small buckets."""
        await self._issue_key()
        for bucket in (WELCOME, AWKWARD):
            await self._fill(bucket, lambda _done: None)

    async def fill_rest(self, report: Callable[[int], None]) -> None:
        """Fill the large bucket while requests are answered; requests for it wait for the end. ``report`` gets the count."""
        await self._fill(TEN_THOUSAND, report)
        report(TEN_THOUSAND_OBJECTS)
        self._filled.set()

    def save(self) -> None:
        """Write the buckets and their configuration; the objects are on the disk already."""
        self._persistence.save_state("s3", self._s3.get_state())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection event: MiniStack does, once the request may reach it."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            refusal = self._refusal(scope)
            if refusal:
                await _refuse(refusal, receive, send)
            else:
                await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.split("/")[1] == TEN_THOUSAND.name:
            await self._filled.wait()
        await self._app(scope, receive, send)
        if scope["method"] in ("PUT", "DELETE") and "/" not in path.strip("/"):
            self.save()

    def _refusal(self, scope: Scope) -> str:
        """The error code of a request that must not reach MiniStack, or ""."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        key = self._claimed_key(headers, query)
        if key and key != self.access_key:
            return "InvalidAccessKeyId"
        public = scope["method"] in ("GET", "HEAD", "OPTIONS") and scope["path"] != "/"
        return "AccessDenied" if scope["path"].startswith("/_") or not (key or public) else ""

    async def _issue_key(self) -> None:
        await self._iam_call(Action="CreateUser", UserName=_USER)
        await self._iam_call(Action="PutUserPolicy", UserName=_USER, PolicyName=_USER, PolicyDocument=json.dumps(_POLICY))
        answer = await self._iam_call(Action="CreateAccessKey", UserName=_USER)
        found = re.search(r"<AccessKeyId>(\w+)</AccessKeyId>\s*<SecretAccessKey>(\w+)<", answer)
        if not found:
            raise RuntimeError("MiniStack did not make an access key")
        self.access_key, self.secret_key = found.groups()

    async def _iam_call(self, **values: str) -> str:
        status, _, body = await self._iam.handle_request("POST", "/", {}, urlencode(values).encode(), {})
        text = body.decode() if isinstance(body, bytes) else str(body)
        if status != 200:
            raise RuntimeError(f"MiniStack answered {status} to {values['Action']}")
        return text

    async def _fill(self, bucket: DemoBucket, report: Callable[[int], None]) -> None:
        """Fill a bucket once. After an interruption it goes on with the objects that are missing."""
        marker = self._folder / "filled" / bucket.name
        if marker.exists():
            return
        interrupted = await self._s3_call("HEAD", f"/{bucket.name}") == 200
        await self._s3_call("PUT", f"/{bucket.name}")
        self.save()
        for count, item in enumerate(bucket.objects(), 1):
            path = f"/{bucket.name}/{item.key}"
            if not interrupted or await self._s3_call("HEAD", path) == 404:
                await self._s3_call("PUT", path, _headers(item), item.body)
            if count % _BATCH == 0:
                report(count)
                await asyncio.sleep(0)
        marker.parent.mkdir(exist_ok=True)
        marker.touch()

    async def _s3_call(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> int:
        """The same code that answers a request over HTTP, without HTTP; the caller is the owner of all buckets."""
        status, _, answer = await self._s3.handle_request(method, path, headers or {}, body, {}, internal=True)
        if status not in (200, 404):
            raise RuntimeError(f"MiniStack answered {status} to {method} {path!r}: {answer!r}")
        return int(status)


def _remove_unfinished(objects: Path) -> None:
    """Remove the files that a kill left without metadata. Older versions, which have none, are in other folders."""
    for folder in objects.glob("*/*/.ministack-keys"):
        names = {path.name for path in folder.iterdir()}
        for name in names:
            if not name.endswith(_METADATA) and name + _METADATA not in names:
                (folder / name).unlink()


def _headers(item: DemoObject) -> dict[str, str]:
    headers = {"content-type": item.content_type}
    return headers | {"x-amz-acl": CannedAcl.PUBLIC_READ.value} if item.public else headers


def _with_bare_names(check: Callable[[Any, str], object]) -> Callable[[Any, str], object]:
    """MiniStack's check of a SigV2 signature in a header, given the query with ``name`` instead of ``name=``."""

    def checked(request: Any, account_id: str) -> object:
        if request.headers.get("authorization", "").startswith("AWS "):
            pairs = [(name, value) for name, values in request.query_params.items() for value in values]
            query = "&".join(urlencode({name: value}) if value else name for name, value in pairs)
            request = dataclasses.replace(request, query_params={}, auth_path=f"{request.auth_path}?{query}")
        return check(request, account_id)

    return checked


def _replace(module: Any, name: str, value: object) -> None:
    if not hasattr(module, name):
        raise RuntimeError(f"this version of MiniStack has no {name}")
    setattr(module, name, value)


async def _live(receive: Receive, send: Send) -> None:
    """ASGI's lifespan. MiniStack's own is left out: it starts schedulers and looks for Docker."""
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


async def _refuse(code: str, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):  # a client that is still sending would miss the answer
        pass
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{code}</Message></Error>'.encode()
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
