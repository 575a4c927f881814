"""Links to an object: its public URL, pre-signed URLs, and whether anyone can open it."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.errors import BrowserError, ErrorFacts, ErrorKind
from cloudtemple_browser.model.urls import MAX_PRESIGN_SECONDS, public_url
from cloudtemple_browser.s3.client import Api
from cloudtemple_browser.s3.errors import translate_error
from cloudtemple_browser.s3.objects import target

_READ = frozenset({200, 206, 416})  # 416 to the first byte of an empty object
_REFUSED = frozenset({401, 403, 404})  # not 405, 429 or 5xx: these say nothing of who may read


def url_of(api: Api, ref: ObjectRef) -> str:
    """See ``Store.public_url``."""
    return public_url(api.connection.endpoint, ref, api.connection.addressing)


def presign_get(api: Api, ref: ObjectRef, seconds: int) -> str:
    """See ``Store.presign_get``. botocore would sign a longer life without a word, and the store then refuse the link."""
    if not 1 <= seconds <= MAX_PRESIGN_SECONDS:
        raise BrowserError(ErrorKind.BAD_REQUEST, ErrorFacts("presign", str(ref), message=f"life of {seconds} s"))
    try:
        client = api.client_for("GetObject")
        return str(client.generate_presigned_url("get_object", Params=target(ref), ExpiresIn=seconds))
    except Exception as error:
        raise translate_error(error, "presign", str(ref), api.connection.endpoint) from error


def readable_by_anyone(api: Api, ref: ObjectRef) -> bool:
    """See ``TransferStore.readable_by_anyone``."""
    url = url_of(api, ref)

    def ask() -> bool:
        status = api.anonymous_status(url)
        if status in _READ or status in _REFUSED:
            return status in _READ
        answer = {"ResponseMetadata": {"HTTPStatusCode": status}}
        raise translate_error(ClientError(answer, "GET"), "GET", url, api.connection.endpoint)

    return api.again(ask, hasty=False)
