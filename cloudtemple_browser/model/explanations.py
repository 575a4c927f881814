"""What a person is told about a failure: what failed, why in plain words, what to do. One entry per ``ErrorKind``."""

from __future__ import annotations

from dataclasses import replace

from cloudtemple_browser.model.errors import CERTIFICATE, BrowserError, ErrorKind
from cloudtemple_browser.model.reasons import BY_CODE, CLOCK_WITH_TIMES, Explanation
from cloudtemple_browser.model.text import Value, translate


def explain(error: BrowserError) -> Explanation:
    """The words for ``error``, with its values filled in. Any thread."""
    facts = error.facts
    values: dict[str, Value] = dict.fromkeys(("target", "region", *(name for name, _label in CERTIFICATE)), "—")
    values |= {"host": facts.endpoint or "—", "message": facts.message or facts.code or "—"}
    values |= {name: value for name, value in error.values if value != ""}
    by_code, by_status = (error.kind, facts.code), (error.kind, f"HTTP {facts.status}")
    found = BY_CODE.get(by_code) or BY_CODE.get(by_status) or _TEXTS[error.kind]
    if error.kind is ErrorKind.CLOCK and {"here", "there"} <= values.keys():
        found = replace(found, why=CLOCK_WITH_TIMES)
    return Explanation(found.what(**values), found.why(**values), found.todo(**values))


_TEXTS: dict[ErrorKind, Explanation] = {
    ErrorKind.DNS: Explanation(
        translate("errors", "The store’s address was not found"),
        translate("errors", "No machine answers to the name of {host}. It may be mistyped, or this computer is offline."),
        translate("errors", "Check the namespace or endpoint of the connection, and the network."),
    ),
    ErrorKind.REFUSED: Explanation(
        translate("errors", "The store refused the network connection"),
        translate("errors", "{host} was found, but nothing accepts connections there, or a firewall is in between."),
        translate("errors", "Check the port of the endpoint, a VPN or a proxy that may be needed, then try again."),
    ),
    ErrorKind.TIMEOUT: Explanation(
        translate("errors", "The store did not answer in time"),
        translate("errors", "{host} accepted the request and then stayed silent, or could not be reached at all."),
        translate("errors", "Check the network and try again. If it goes on, the store may be overloaded."),
    ),
    ErrorKind.CONNECTION_LOST: Explanation(
        translate("errors", "The connection to the store was lost"),
        translate("errors", "The network connection to {host} ended in the middle of an answer."),
        translate("errors", "Check the network and try again."),
    ),
    ErrorKind.PROXY: Explanation(
        translate("errors", "The proxy cannot be used"),
        translate("errors", "The request goes through a proxy that does not answer or refuses it."),
        translate("errors", "Check the proxy of the connection or of the system."),
    ),
    ErrorKind.TLS: Explanation(
        translate("errors", "The store’s identity could not be verified"),
        translate("errors", "The TLS certificate of {host} is not valid for it or not signed by a known authority: {message}"),
        translate(
            "errors",
            "Nothing was sent. If the store uses an internal authority, give its CA bundle under Advanced; "
            "else ask your network’s administrator.",
        ),
    ),
    ErrorKind.CA_BUNDLE: Explanation(
        translate("errors", "The CA bundle cannot be used"),
        translate("errors", "The file is missing or holds no certificate in PEM form: {message}"),
        translate("errors", "Edit the connection and choose another CA bundle under Advanced, or leave it empty."),
    ),
    ErrorKind.NOT_S3: Explanation(
        translate("errors", "The answer did not come from an S3 store"),
        translate(
            "errors", "{host} answered with something else, as the login page of a hotel network or a wrong endpoint does."
        ),
        translate("errors", "Sign in to the network if it asks for it, and check the endpoint of the connection."),
    ),
    ErrorKind.REDIRECTED: Explanation(
        translate("errors", "The store points to another address"),
        translate(
            "errors",
            "{host} redirects to {target}. A redirect is never followed, since it could carry your signature elsewhere.",
        ),
        translate("errors", "If that address is your store, set it as the endpoint (or its region) in the connection."),
    ),
    ErrorKind.ACCESS_DENIED: Explanation(
        translate("errors", "The store refused this (403)"),
        translate(
            "errors",
            "The usual causes: the access key is disabled or expired, its rights (its role on the bucket) do not allow this, "
            "the source address of this computer is not on the bucket’s allow list, the object is under retention, "
            "or, more rarely, the clock or the signature is wrong.",
        ),
        translate(
            "errors",
            "“Why?” finds out which it is. Or check in the console: the key, its role on the bucket (read_only, read_write, "
            "write_only, maintainer), the bucket’s allowed addresses, and its delete protection.",
        ),
    ),
    ErrorKind.UNKNOWN_ACCESS_KEY: Explanation(
        translate("errors", "The store does not know this access key"),
        translate("errors", "The access key was deleted, was mistyped, or belongs to another namespace."),
        translate("errors", "Copy the access key from the console again and check the namespace."),
    ),
    ErrorKind.WRONG_SECRET: Explanation(
        translate("errors", "The secret key is wrong"),
        translate("errors", "The store knows the access key, but the signature made with the secret key does not match."),
        translate(
            "errors",
            "Paste the secret key again. The console shows it only once: if it is lost, make a new key there. "
            "If the secret is right, another signature (under Advanced) may help.",
        ),
    ),
    ErrorKind.CLOCK: Explanation(
        translate("errors", "The clock of this computer is wrong"),
        translate("errors", "The store refuses requests whose time differs from its own by more than 15 minutes."),
        translate("errors", "Set the date, time and time zone of this computer, best automatically, and try again."),
    ),
    ErrorKind.NO_CREDENTIALS: Explanation(
        translate("errors", "The secret key is missing"),
        translate("errors", "There is no secret key for this connection in the keyring, so nothing was sent."),
        translate("errors", "Edit the connection and enter the secret key again."),
    ),
    ErrorKind.NO_BUCKET: Explanation(
        translate("errors", "The bucket does not exist"),
        translate("errors", "There is no bucket of this name, or it belongs to another namespace."),
        translate("errors", "Check the name (it is case-sensitive) and the endpoint."),
    ),
    ErrorKind.NO_OBJECT: Explanation(
        translate("errors", "The object does not exist any more"),
        translate("errors", "Somebody deleted or renamed it since it was listed."),
        translate("errors", "Refresh the list."),
    ),
    ErrorKind.BUCKET_EXISTS: Explanation(
        translate("errors", "A bucket of this name already exists"),
        translate("errors", "Bucket names are shared by everyone on the store."),
        translate("errors", "Choose another name."),
    ),
    ErrorKind.BUCKET_NOT_EMPTY: Explanation(
        translate("errors", "The bucket is not empty"),
        translate("errors", "A bucket can be deleted only when it holds no object, no version and no unfinished upload."),
        translate("errors", "Delete its objects first."),
    ),
    ErrorKind.CHANGED: Explanation(
        translate("errors", "The object changed in the meantime"),
        translate("errors", "Somebody replaced the object while it was being read, so the parts would not fit together."),
        translate("errors", "Nothing was kept. Refresh the list and start again."),
    ),
    ErrorKind.OCCUPIED: Explanation(
        translate("errors", "Something else is there now"),
        translate("errors", "It came, or changed, after you had been asked, and nothing is overwritten unasked."),
        translate("errors", "Look at what is there, then transfer again and choose."),
    ),
    ErrorKind.RENAMED: Explanation(
        translate("errors", "The store keeps the object under another name"),
        translate("errors", "It took the bytes, but does not list this key: it changes names like this one."),
        translate("errors", "Look for it in the list, and give the file a plainer name: no “//”, “..” or “\\”."),
    ),
    ErrorKind.NOT_PUBLIC: Explanation(
        translate("errors", "The object still does not open without a key"),
        translate("errors", "The access list says that it is public, but the bucket’s rules or the store’s say no."),
        translate("errors", "Ask for the bucket’s rules to be changed, or share a link that expires."),
    ),
    ErrorKind.STILL_PUBLIC: Explanation(
        translate("errors", "The object still opens without a key"),
        translate("errors", "Its access list is private, but the bucket’s rules or the store’s let everybody read it."),
        translate("errors", "Have the bucket’s rules changed. Until then anyone with the URL can read it."),
    ),
    ErrorKind.CHECKSUM_STYLE: Explanation(
        translate("errors", "The store refuses this kind of signature for data"),
        translate("errors", "It does not accept the checksum or the streaming signature of the request ({message})."),
        translate("errors", "Edit the connection and choose “V4 to list, V2 for data” as signature under Advanced."),
    ),
    ErrorKind.INTEGRITY: Explanation(
        translate("errors", "The bytes were damaged on the way"),
        translate("errors", "The checksum of what arrived differs from the checksum of what was sent."),
        translate("errors", "Nothing damaged was kept. Try again; if it goes on, check the network equipment or proxy."),
    ),
    ErrorKind.RETENTION: Explanation(
        translate("errors", "The object is protected from deletion"),
        translate(
            "errors", "A retention period or a legal hold of the bucket (“delete protection”) forbids this until it ends."
        ),
        translate("errors", "Wait for its end, or ask who manages the bucket."),
    ),
    ErrorKind.NO_ACL: Explanation(
        translate("errors", "This bucket does not allow access rules on objects"),
        translate("errors", "ACLs are switched off or public access is blocked for the bucket."),
        translate("errors", "Ask who manages the bucket to allow them, or share with a pre-signed URL instead."),
    ),
    ErrorKind.REGION: Explanation(
        translate("errors", "The region of the connection is wrong"),
        translate("errors", "The store expects the region {region}."),
        translate("errors", "Set this region under Advanced in the connection."),
    ),
    ErrorKind.THROTTLED: Explanation(
        translate("errors", "The store asks to slow down"),
        translate("errors", "It is receiving more requests than it can handle at the moment, from here or from others."),
        translate("errors", "Try again in a minute."),
    ),
    ErrorKind.SERVER: Explanation(
        translate("errors", "The store has a problem of its own"),
        translate("errors", "It answered with an internal error: {message}"),
        translate("errors", "Try again later. If it goes on, give the request id to the provider’s support."),
    ),
    ErrorKind.UNSUPPORTED: Explanation(
        translate("errors", "This store cannot do that"),
        translate("errors", "It says that the operation is not implemented."),
        translate("errors", "Nothing can be done from here."),
    ),
    ErrorKind.BAD_REQUEST: Explanation(
        translate("errors", "The store did not accept the request"),
        translate("errors", "It answered: {message}"),
        translate("errors", "The details may help the provider’s support."),
    ),
    ErrorKind.PARTIAL: Explanation(
        translate("errors", "The listing is not complete"),
        translate("errors", "What the store sent is not the whole: {message}."),
        translate("errors", "Refresh. Until then nothing that needs the whole list is done."),
    ),
    ErrorKind.LIST_AGAIN: Explanation(
        translate("errors", "The listing is not complete"),
        translate(
            "errors", "The store does not keep one order of names, so its pages cannot be fetched in parallel: {message}"
        ),
        translate("errors", "Refresh: the pages are then fetched one after another."),
    ),
    ErrorKind.LOCAL_MISSING: Explanation(
        translate("errors", "The file or folder does not exist"),
        translate("errors", "It was moved, renamed or deleted meanwhile."),
        translate("errors", "Choose it again."),
    ),
    ErrorKind.LOCAL_DENIED: Explanation(
        translate("errors", "This computer does not allow access to the file"),
        translate("errors", "The file or folder cannot be read or written by your user: {message}"),
        translate("errors", "Change its permissions or choose another folder."),
    ),
    ErrorKind.LOCAL_CHANGED: Explanation(
        translate("errors", "The file changed during the upload"),
        translate("errors", "Another program wrote to it, so the object would have been a mix of old and new."),
        translate("errors", "Nothing was kept in the store. Try again when the file is at rest."),
    ),
    ErrorKind.LOCAL_NAME: Explanation(
        translate("errors", "This name cannot be used"),
        translate("errors", "It is empty, too long, or cannot be written: {message}"),
        translate("errors", "Use another name."),
    ),
    ErrorKind.DISK_FULL: Explanation(
        translate("errors", "The disk is full"),
        translate("errors", "There is not enough room left for the file."),
        translate("errors", "Make room or choose another folder, then retry."),
    ),
    ErrorKind.LOCAL_OTHER: Explanation(
        translate("errors", "The file could not be read or written"),
        translate("errors", "This computer said: {message}"),
        translate("errors", "Check the disk or the network drive, then retry."),
    ),
    ErrorKind.NO_KEYRING: Explanation(
        translate("errors", "No usable keyring was found on this computer"),
        translate("errors", "The secret key is only ever kept in the system’s keyring, and none is running."),
        translate("errors", "Use the key for this session only, or start a keyring (GNOME Keyring, KWallet) and try again."),
    ),
    ErrorKind.KEYRING_LOCKED: Explanation(
        translate("errors", "The keyring is locked"),
        translate("errors", "It was not unlocked, or the question for its password was dismissed."),
        translate("errors", "Unlock it and try again, or enter the secret key for this session only."),
    ),
    ErrorKind.KEYRING: Explanation(
        translate("errors", "The keyring did not work"),
        translate("errors", "The system’s keyring answered: {message}"),
        translate("errors", "Check the keyring, or use the secret key for this session only."),
    ),
    ErrorKind.DEMO: Explanation(
        translate("errors", "The demo store did not start"),
        translate("errors", "The local S3 server of the demo ended or did not get ready: {message}"),
        translate("errors", "Start the program again. The log has the details."),
    ),
    ErrorKind.DEMO_BUSY: Explanation(
        translate("errors", "The demo store is already open"),
        translate("errors", "Another window of the program uses it."),
        translate("errors", "Close the other window first, then try again."),
    ),
    ErrorKind.TOO_LARGE: Explanation(
        translate("errors", "This is too large"),
        translate("errors", "It is over the limit: {message}"),
        translate("errors", "Download the object instead, or split it."),
    ),
    ErrorKind.QUOTA: Explanation(
        translate("errors", "There is no room left in the store"),
        translate("errors", "The bucket, the account or the store itself is full: {message}"),
        translate("errors", "Delete what is not needed, old versions included, or ask the provider for more room."),
    ),
    ErrorKind.INTERNAL: Explanation(
        translate("errors", "Something went wrong in the program itself"),
        translate("errors", "This should not happen: {message}"),
        translate("errors", "The log has the details. Please report it."),
    ),
}
