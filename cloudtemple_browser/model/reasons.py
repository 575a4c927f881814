"""What a person is told where a code of the store or of the system says more than the ``ErrorKind`` does."""

from __future__ import annotations

from dataclasses import dataclass

from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.text import Text, translate


@dataclass(frozen=True, slots=True)
class Explanation:
    """``what`` failed, ``why`` as far as known, ``todo``: the next step."""

    what: Text
    why: Text
    todo: Text


_AGAIN_LATER = translate("errors", "Try again later. If it goes on, give the request id to the provider’s support.")
_CERTIFICATE = translate("errors", "Nothing was sent. Ask your network’s administrator, or who runs the store.")
_SELF_SIGNED = Explanation(
    translate("errors", "The store’s certificate is self-signed"),
    translate(
        "errors",
        "The certificate of {host}, for “{subject}”, is signed by nobody but itself: anyone can make such a one.",
    ),
    translate(
        "errors",
        "Nothing was sent. Compare the fingerprint with whoever runs the store; if it is theirs, "
        "give the certificate as CA bundle under Advanced.",
    ),
)
_UNKNOWN_AUTHORITY = Explanation(
    translate("errors", "The store’s certificate is signed by an unknown authority"),
    translate(
        "errors",
        "The certificate of {host} is signed by “{issuer}”, which this computer does not trust. "
        "Company networks that look into traffic do so, and so does an impostor.",
    ),
    translate(
        "errors",
        "Nothing was sent. If your organisation runs this authority, give its CA bundle under Advanced; "
        "else ask your network’s administrator.",
    ),
)
_WRONG_HOST = Explanation(
    translate("errors", "The store’s certificate is for another name"),
    translate("errors", "The certificate that answered at {host} is for {names}, not for that name."),
    translate("errors", "Nothing was sent. Check the endpoint. The login page of a network may also stand in between."),
)
_OLD_TLS = Explanation(
    translate("errors", "The store speaks only an outdated version of TLS"),
    translate("errors", "{host} and this computer have no safe version of TLS in common: 1.2 or newer is needed ({message})."),
    translate("errors", "Nothing was sent. Check that no old proxy is in between, and ask who runs the store."),
)
_NOT_TLS = Explanation(
    translate("errors", "There is no TLS at this port"),
    translate("errors", "What answers at {host} does not speak https: {message}"),
    translate("errors", "Check the port of the endpoint. A port for http does not take https."),
)
_UNREACHABLE = Explanation(
    translate("errors", "The network of the store cannot be reached"),
    translate("errors", "This computer knows no way to {host}: it is offline, a VPN is missing, or only IPv6 leads there."),
    translate("errors", "Check the network or the VPN, then try again."),
)
_NO_NAME_SERVER = Explanation(
    translate("errors", "The name service does not answer"),
    translate("errors", "The address of {host} could not be asked for: this computer is offline, or its name server is."),
    translate("errors", "Check the network and try again."),
)
_PROXY_AUTH = Explanation(
    translate("errors", "The proxy asks for a user name and a password"),
    translate("errors", "It answered 407 to the request for {host}, and nothing was sent to the store."),
    translate("errors", "Set a proxy that needs none, or ask your network’s administrator."),
)
_PROXY_NO = Explanation(
    translate("errors", "The proxy refused to reach the store"),
    translate("errors", "The proxy works, but does not let this computer through to {host}: {message}"),
    translate("errors", "Ask your network’s administrator to allow this address, or use another proxy."),
)
_PROXY_LOST = Explanation(
    translate("errors", "The proxy could not reach the store"),
    translate("errors", "The proxy answered that {host} cannot be reached from there: {message}"),
    translate("errors", "Check the endpoint, then ask your network’s administrator about the proxy."),
)
_TOKEN = translate("errors", "Make new keys where these came from, and enter them in the connection.")
_BLOCKED = Explanation(
    translate("errors", "The account is suspended"),
    translate("errors", "The store refuses every request of the account: {message}"),
    translate("errors", "Ask the provider’s support, with the request id."),
)
_LONG_KEY = Explanation(
    translate("errors", "The name is too long for the store"),
    translate("errors", "A key has at most 1,024 bytes in UTF-8, the folders included, and some stores take less."),
    translate("errors", "Use a shorter name, or fewer folders."),
)
_LOST_PARTS = Explanation(
    translate("errors", "The parts of the upload do not fit together"),
    translate("errors", "The store does not have every part that was sent, or has another one: {message}"),
    translate("errors", "Retry: the upload begins anew."),
)
_LOCK_GONE = Explanation(
    translate("errors", "The question of the keyring was not answered"),
    translate("errors", "Its password was asked for, and the window was closed or left open: {message}"),
    translate("errors", "Try again and answer it, or enter the secret key for this session only."),
)

BY_CODE: dict[tuple[ErrorKind, str], Explanation] = {
    (ErrorKind.DNS, "EAI_AGAIN"): _NO_NAME_SERVER,
    (ErrorKind.TIMEOUT, "ENETUNREACH"): _UNREACHABLE,
    (ErrorKind.TIMEOUT, "EHOSTUNREACH"): _UNREACHABLE,
    (ErrorKind.TIMEOUT, "ENETDOWN"): _UNREACHABLE,
    (ErrorKind.TIMEOUT, "EADDRNOTAVAIL"): _UNREACHABLE,
    (ErrorKind.TIMEOUT, "RequestTimeout"): Explanation(
        translate("errors", "The data did not arrive in time"),
        translate("errors", "The store waited for the rest of the request and gave up: the network is slow or was gone."),
        translate("errors", "Try again. If it goes on, transfer less at once (speed and connections are in the settings)."),
    ),
    (ErrorKind.TIMEOUT, "DeletionUnanswered"): Explanation(
        translate("errors", "It is not known whether the object was deleted"),
        translate("errors", "The deletion ended before the store had answered: the object may be gone, or may still go."),
        translate("errors", "Refresh the list, and delete again what is still there."),
    ),
    (ErrorKind.PROXY, "HTTP 407"): _PROXY_AUTH,
    (ErrorKind.PROXY, "HTTP 403"): _PROXY_NO,
    (ErrorKind.PROXY, "HTTP 405"): _PROXY_NO,
    (ErrorKind.PROXY, "HTTP 502"): _PROXY_LOST,
    (ErrorKind.PROXY, "HTTP 503"): _PROXY_LOST,
    (ErrorKind.PROXY, "HTTP 504"): _PROXY_LOST,
    (ErrorKind.TLS, "DEPTH_ZERO_SELF_SIGNED_CERT"): _SELF_SIGNED,
    (ErrorKind.TLS, "SELF_SIGNED_CERT_IN_CHAIN"): _UNKNOWN_AUTHORITY,
    (ErrorKind.TLS, "UNABLE_TO_GET_ISSUER_CERT"): _UNKNOWN_AUTHORITY,
    (ErrorKind.TLS, "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"): _UNKNOWN_AUTHORITY,
    (ErrorKind.TLS, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"): _UNKNOWN_AUTHORITY,
    (ErrorKind.TLS, "CERT_HAS_EXPIRED"): Explanation(
        translate("errors", "The store’s certificate has expired"),
        translate("errors", "The certificate of {host} was valid until {until}, by the clock of this computer."),
        translate("errors", "Nothing was sent. Check the date of this computer; if it is right, tell who runs the store."),
    ),
    (ErrorKind.TLS, "CERT_NOT_YET_VALID"): Explanation(
        translate("errors", "The store’s certificate is not valid yet"),
        translate("errors", "The certificate of {host} is valid from {since}, by the clock of this computer."),
        translate("errors", "Nothing was sent. Check the date of this computer: it is probably wrong."),
    ),
    (ErrorKind.TLS, "HOSTNAME_MISMATCH"): _WRONG_HOST,
    (ErrorKind.TLS, "IP_ADDRESS_MISMATCH"): _WRONG_HOST,
    (ErrorKind.TLS, "CERT_REVOKED"): Explanation(
        translate("errors", "The store’s certificate was revoked"),
        translate("errors", "Its authority, “{issuer}”, took the certificate of {host} back: the key may be stolen."),
        _CERTIFICATE,
    ),
    (ErrorKind.TLS, "UNSUPPORTED_PROTOCOL"): _OLD_TLS,
    (ErrorKind.TLS, "TLSV1_ALERT_PROTOCOL_VERSION"): _OLD_TLS,
    (ErrorKind.TLS, "NO_PROTOCOLS_AVAILABLE"): _OLD_TLS,
    (ErrorKind.TLS, "SSLV3_ALERT_HANDSHAKE_FAILURE"): _OLD_TLS,
    (ErrorKind.TLS, "WRONG_SSL_VERSION"): _OLD_TLS,
    (ErrorKind.TLS, "WRONG_VERSION_NUMBER"): _NOT_TLS,
    (ErrorKind.TLS, "HTTP_REQUEST"): _NOT_TLS,
    (ErrorKind.TLS, "RECORD_LAYER_FAILURE"): _NOT_TLS,
    (ErrorKind.ACCESS_DENIED, "AllAccessDisabled"): _BLOCKED,
    (ErrorKind.ACCESS_DENIED, "AccountProblem"): _BLOCKED,
    (ErrorKind.ACCESS_DENIED, "NotSignedUp"): _BLOCKED,
    (ErrorKind.UNKNOWN_ACCESS_KEY, "ExpiredToken"): Explanation(
        translate("errors", "The key was temporary and has expired"),
        translate("errors", "The store knows the key, but its time is over."),
        _TOKEN,
    ),
    (ErrorKind.UNKNOWN_ACCESS_KEY, "TokenRefreshRequired"): Explanation(
        translate("errors", "The key was temporary and must be renewed"),
        translate("errors", "The store knows the key, but its time is over."),
        _TOKEN,
    ),
    (ErrorKind.UNKNOWN_ACCESS_KEY, "InvalidToken"): Explanation(
        translate("errors", "This is a temporary key without its token"),
        translate("errors", "The store wants a session token with this access key, or does not accept the one it got."),
        translate("errors", "Use a permanent access key of the console: temporary ones are not supported."),
    ),
    (ErrorKind.CLOCK, "RequestExpired"): Explanation(
        translate("errors", "The link or request has expired"),
        translate("errors", "It was signed too long ago, by the store’s clock, or the clock of this computer is wrong."),
        translate("errors", "Check the date and time of this computer, and try again or make a new link."),
    ),
    (ErrorKind.NO_OBJECT, "NoSuchUpload"): Explanation(
        translate("errors", "The store does not know this upload any more"),
        translate("errors", "It was finished, was cancelled elsewhere, or a rule of the bucket cleared it away."),
        translate("errors", "Retry: the upload begins anew."),
    ),
    (ErrorKind.NO_OBJECT, "NoSuchVersion"): Explanation(
        translate("errors", "This version does not exist any more"),
        translate("errors", "Somebody, or a rule of the bucket, deleted this version for good."),
        translate("errors", "Refresh the list."),
    ),
    (ErrorKind.CHANGED, "InvalidRange"): Explanation(
        translate("errors", "The object is shorter than it was"),
        translate("errors", "A piece was asked for that the object does not have any more: somebody replaced it."),
        translate("errors", "Nothing was kept. Refresh the list and start again."),
    ),
    (ErrorKind.CHECKSUM_STYLE, "MissingContentMD5"): Explanation(
        translate("errors", "The store wants another checksum"),
        translate("errors", "It asks for the Content-MD5 of the request, which did not reach it."),
        translate("errors", "A proxy may have taken it away. Else give the details to the provider’s support."),
    ),
    (ErrorKind.CHECKSUM_STYLE, "MissingContentLength"): Explanation(
        translate("errors", "The store wants to know the length beforehand"),
        translate("errors", "The length of the data did not reach it: a proxy that changes requests may be in between."),
        translate("errors", "Use another proxy, or choose “V4 to list, V2 for data” as signature under Advanced."),
    ),
    (ErrorKind.UNSUPPORTED, "MethodNotAllowed"): Explanation(
        translate("errors", "The store does not allow this here"),
        translate("errors", "It knows the operation, but not for this bucket or object, a delete marker for instance."),
        translate("errors", "Refresh the list, and look whether the object still exists."),
    ),
    (ErrorKind.TOO_LARGE, "EntityTooLarge"): Explanation(
        translate("errors", "The object is too large for the store"),
        translate("errors", "One object is larger than the store accepts: {message}"),
        translate("errors", "Split the file, or ask the provider for the limit."),
    ),
    (ErrorKind.QUOTA, "TooManyBuckets"): Explanation(
        translate("errors", "There are too many buckets"),
        translate("errors", "The account has as many buckets as it may have."),
        translate("errors", "Delete a bucket that is not needed, or ask the provider for more."),
    ),
    (ErrorKind.BAD_REQUEST, "KeyTooLongError"): _LONG_KEY,
    (ErrorKind.BAD_REQUEST, "KeyTooLong"): _LONG_KEY,
    (ErrorKind.BAD_REQUEST, "InvalidBucketName"): Explanation(
        translate("errors", "The store does not accept this bucket name"),
        translate("errors", "A name has 3 to 63 lower-case letters, digits and hyphens, and does not look like an IP address."),
        translate("errors", "Choose another name."),
    ),
    (ErrorKind.BAD_REQUEST, "EntityTooSmall"): Explanation(
        translate("errors", "A part of the upload is too small"),
        translate("errors", "The store takes no part under 5 MB but the last."),
        translate("errors", "Retry. If it goes on, give the details to the provider’s support."),
    ),
    (ErrorKind.BAD_REQUEST, "InvalidPart"): _LOST_PARTS,
    (ErrorKind.BAD_REQUEST, "InvalidPartOrder"): _LOST_PARTS,
    (ErrorKind.BAD_REQUEST, "MetadataTooLarge"): Explanation(
        translate("errors", "The object has too much metadata"),
        translate("errors", "All names and values together may have 2 KB."),
        translate("errors", "Shorten the metadata."),
    ),
    (ErrorKind.BAD_REQUEST, "OperationAborted"): Explanation(
        translate("errors", "The store is busy with this bucket"),
        translate("errors", "Another change of the same bucket is still under way: {message}"),
        translate("errors", "Try again in a minute."),
    ),
    (ErrorKind.BAD_REQUEST, "InvalidObjectState"): Explanation(
        translate("errors", "The object is in the archive"),
        translate("errors", "Its storage class does not allow reading before it was restored."),
        translate("errors", "Ask for its restoration in the console, then try again."),
    ),
    (ErrorKind.BAD_REQUEST, "InvalidStorageClass"): Explanation(
        translate("errors", "The store does not know this storage class"),
        translate("errors", "It answered: {message}"),
        translate("errors", "Choose another storage class, or none."),
    ),
    (ErrorKind.SERVER, "HTTP 502"): Explanation(
        translate("errors", "A gateway before the store got no good answer"),
        translate("errors", "What stands between here and {host} answered 502: the store itself may be restarting."),
        _AGAIN_LATER,
    ),
    (ErrorKind.SERVER, "HTTP 504"): Explanation(
        translate("errors", "The store did not answer its gateway in time"),
        translate("errors", "What stands between here and {host} answered 504: the store itself may be overloaded."),
        _AGAIN_LATER,
    ),
    (ErrorKind.LOCAL_DENIED, "EROFS"): Explanation(
        translate("errors", "The disk is read-only"),
        translate("errors", "Nothing can be written to the drive or folder: {message}"),
        translate("errors", "Choose another folder."),
    ),
    (ErrorKind.LOCAL_NAME, "ENAMETOOLONG"): Explanation(
        translate("errors", "The name is too long for this computer"),
        translate("errors", "A file name has at most 255 bytes on most disks, and the whole path has a limit too."),
        translate("errors", "Choose a folder with a shorter path, or another name."),
    ),
    (ErrorKind.DISK_FULL, "EDQUOT"): Explanation(
        translate("errors", "Your quota of the disk is used up"),
        translate("errors", "The disk may have room, but not for your user."),
        translate("errors", "Make room or choose another folder, then retry."),
    ),
    (ErrorKind.LOCAL_OTHER, "ENOTDIR"): Explanation(
        translate("errors", "A file is where a folder should be"),
        translate("errors", "A part of the path is a file: {message}"),
        translate("errors", "Rename the file or choose another folder."),
    ),
    (ErrorKind.LOCAL_OTHER, "EISDIR"): Explanation(
        translate("errors", "A folder is where the file should be"),
        translate("errors", "There is a folder of the same name: {message}"),
        translate("errors", "Rename the folder or choose another one."),
    ),
    (ErrorKind.LOCAL_OTHER, "EIO"): Explanation(
        translate("errors", "The disk failed"),
        translate("errors", "The drive could not read or write a block: {message}"),
        translate("errors", "Check the drive or its cable, and have a backup of what is on it."),
    ),
    (ErrorKind.KEYRING_LOCKED, "PromptDismissedException"): _LOCK_GONE,
    (ErrorKind.KEYRING_LOCKED, "Timeout"): _LOCK_GONE,
    (ErrorKind.KEYRING_LOCKED, "InitError"): Explanation(
        translate("errors", "There is no keyring yet"),
        translate("errors", "The system wanted to make one and its question was not answered: {message}"),
        translate("errors", "Try again and choose a password for it, or enter the secret key for this session only."),
    ),
}
"""By kind and by code: S3's, OpenSSL's, the system's name of an ``errno``, or ``HTTP`` and the status."""

CLOCK_WITH_TIMES = translate(
    "errors", "This computer says {here}, the store says {there}. More than 15 minutes apart, it refuses every request."
)
"""Why a kind CLOCK failed, where both times are known."""
