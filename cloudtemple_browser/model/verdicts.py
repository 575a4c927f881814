"""The verdict of "Why?": what the findings of its checks come to, in a plain sentence, and what to do. Pure rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cloudtemple_browser.model.diagnosis import CHANGING, Check, Finding, Outcome, Question, Right
from cloudtemple_browser.model.errors import BrowserError, ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Text, Value, translate


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it comes to, in one plain sentence, and what to do."""

    sentence: Text
    todo: Text


class _Case:
    """The findings, as the rules ask for them."""

    def __init__(self, question: Question, findings: Sequence[Finding], host: str) -> None:
        self.question, self.host = question, host
        self.found = {finding.check: finding for finding in findings}

    def good(self, *checks: Check) -> bool:
        """Whether at least one of the checks went well."""
        return any(check in self.found and self.found[check].outcome is Outcome.GOOD for check in checks)

    def kind(self, check: Check) -> ErrorKind | None:
        """Why a check failed."""
        error = self.error(check)
        return error.kind if error else None

    def error(self, check: Check) -> BrowserError | None:
        """What a check failed with."""
        return self.found[check].error if check in self.found else None

    def refused(self, check: Check) -> bool:
        """Whether a check met a refusal that does not say why."""
        return self.kind(check) is ErrorKind.ACCESS_DENIED

    @property
    def address(self) -> str:
        """This computer's address, as far as it knows."""
        return self.found[Check.PORT].address if Check.PORT in self.found else ""

    @property
    def key_proven(self) -> bool:
        """Whether the store has accepted the key and the signature: what does not exist is only told to who may know it."""
        missing = any(self.kind(check) in (ErrorKind.NO_BUCKET, ErrorKind.NO_OBJECT) for check in _SIGNED)
        return missing or self.protected or self.good(*_SIGNED)

    @property
    def stranger(self) -> bool:
        """Whether the bucket is not among those that the key has listed."""
        return Check.KEY in self.found and self.found[Check.KEY].stranger

    @property
    def alien(self) -> tuple[BrowserError, ...]:
        """The refusals, when none of the answers has anything of S3: neither a code nor a request id."""
        store = self.found.get(Check.STORE)
        met = tuple(error for check in _SIGNED if (error := self.error(check)))
        if store is None or store.outcome is not Outcome.NOTE or self.good(*_SIGNED):
            return ()
        return met if all(error.kind is ErrorKind.NOT_S3 or _is_mute(error) for error in met) else ()

    @property
    def protected(self) -> bool:
        """Whether a retention period or a legal hold was seen on the object."""
        finding = self.found.get(Check.RETENTION)
        return finding is not None and finding.outcome is Outcome.BAD and finding.error is None

    def words(self, sentence: Text, todo: Text) -> Verdict:
        """A verdict with the case's own names filled in."""
        subject = self.question.key or self.question.prefix or self.question.bucket
        values: dict[str, Value] = {"bucket": self.question.bucket or "—", "subject": subject or "—", "host": self.host or "—"}
        address: Value = translate("why", "({address}, or your network’s public one)")(address=self.address or "?")
        return Verdict(sentence(address=address, **values), todo(**values))


def _is_mute(error: BrowserError) -> bool:
    """Whether an answer could be any web server's. One that is overloaded may stand before a store all the same."""
    facts = error.facts
    return bool(facts.status) and facts.status not in _OVERLOADED and not (facts.code or facts.request_id)


_OVERLOADED = (500, 502, 503, 504)
_NOT_ALLOWED = (401, 403)
_MAIN = (Check.KEY, Check.LIST, Check.READ)
_SIGNED = (Check.KEY, Check.LIST, Check.READ, Check.ACL, Check.RETENTION)
_REACHING = (Check.NAME, Check.PORT, Check.TLS, Check.STORE)
_OF_THE_KEY = frozenset(
    {
        ErrorKind.UNKNOWN_ACCESS_KEY,
        ErrorKind.WRONG_SECRET,
        ErrorKind.CLOCK,
        ErrorKind.REGION,
        ErrorKind.NO_CREDENTIALS,
        ErrorKind.NO_KEYRING,
        ErrorKind.KEYRING_LOCKED,
        ErrorKind.KEYRING,
        ErrorKind.CA_BUNDLE,
    }
)


def verdict(question: Question, findings: Sequence[Finding], host: str = "") -> Verdict:
    """What the findings come to. ``host`` is the store's name. The first rule that has something to say decides."""
    case = _Case(question, findings, host)
    for rule in _RULES:
        if found := rule(case):
            return found
    return case.words(
        translate("why", "Nothing was found that would explain it."),
        translate("why", "Try again. If it goes on, give this report to the provider’s support."),
    )


def _reach(case: _Case) -> Verdict | None:
    """The store was not reached, or what was reached is none."""
    for check in _REACHING:
        finding = case.found.get(check)
        if finding and finding.outcome is Outcome.BAD and finding.error:
            if check is Check.STORE and finding.error.kind is ErrorKind.CONNECTION_LOST:
                return case.words(_HANGS_UP, _CHECK_PORT)
            return _told(finding.error)
    return None


_HANGS_UP = translate(
    "why",
    "Something listens at {host}, but it ends the connection without an answer: it is no S3 store, it wants https in place of "
    "http or the other way round, or a firewall cuts in.",
)
_CHECK_PORT = translate("why", "Check the endpoint, its port, and whether it begins with http or https.")


def _clock(case: _Case) -> Verdict | None:
    """The clocks differ, and no signature was accepted."""
    error = case.error(Check.CLOCK)
    return _told(error) if error and not case.key_proven else None


def _key(case: _Case) -> Verdict | None:
    """The store said itself what is wrong with the key."""
    for check in _SIGNED:
        error = case.error(check)
        if error and error.kind in _OF_THE_KEY:
            return _told(error)
    return None


def _gateway(case: _Case) -> Verdict | None:
    """What answered every signed request is no store: another kind of server, or a gateway or firewall before the store."""
    alien = case.alien
    if not alien:
        return None
    if any(error.facts.status not in _NOT_ALLOWED for error in alien):
        return case.words(
            translate("why", "What answers at {host} is no S3 store: nothing in its answers is S3’s."),
            translate(
                "why",
                "Check the endpoint: the address of a console or a web site is not that of the store. "
                "The login page of a network may also stand in between.",
            ),
        )
    return case.words(
        translate(
            "why",
            "Something in front of the store refuses: the answers are not the store’s own. "
            "Your address {address} may not be allowed there, or the endpoint is not the store’s.",
        ),
        translate(
            "why", "Check the endpoint {host}, and ask who runs the network in front of the store to allow your address."
        ),
    )


def _no_bucket(case: _Case) -> Verdict | None:
    """The bucket does not exist."""
    if case.kind(Check.LIST) is not ErrorKind.NO_BUCKET or case.question.right is Right.MANAGE:
        return None
    return case.words(
        translate("why", "The key is right, but there is no bucket {bucket} in this store."),
        translate("why", "Check the name, which is case-sensitive, and whether this is the right namespace."),
    )


def _everything(case: _Case) -> Verdict | None:
    """Every signed request is refused, without a word why."""
    tried = [check for check in _MAIN if check in case.found]
    if not case.refused(Check.KEY) or case.key_proven or not all(case.refused(check) for check in tried):
        return None
    if case.good(Check.PUBLIC):
        return case.words(
            translate(
                "why", "Anyone may read this object from here, yet the store refuses this key everywhere: the key is disabled."
            ),
            translate("why", "Enable the key in the console, or make a new one and enter it in the connection."),
        )
    if not case.question.bucket:
        return case.words(
            translate("why", "The store does not let this key list the buckets. Keys that are made for one bucket may not."),
            translate(
                "why",
                "Add your bucket by its name. If that is refused too, the key is disabled, "
                "or the address of this computer is not allowed.",
            ),
        )
    return case.words(
        translate(
            "why",
            "The store refuses every request of this key from here: the key is disabled, it has no role on the bucket "
            "{bucket} that lets it read (write_only does not), or your address {address} is not on the bucket’s allow list.",
        ),
        translate(
            "why",
            "In the console, check in this order: that the key is active, that it has a role on the bucket, "
            "and the bucket’s allowed addresses.",
        ),
    )


def _bucket(case: _Case) -> Verdict | None:
    """The key is right, and everything in the bucket is refused."""
    inside = [check for check in (Check.LIST, Check.READ) if check in case.found]
    if not case.key_proven or not inside or not all(case.refused(check) for check in inside):
        return None
    if case.stranger:
        return case.words(
            translate(
                "why",
                "The key is right, but {bucket} is not one of its buckets: it belongs to somebody else, who gave this key no "
                "role, or your address {address} is not on the bucket’s allow list.",
            ),
            translate(
                "why",
                "Check the name. If this bucket is meant, ask who manages it to give the key a role "
                "(read_only, read_write, write_only, maintainer) and to allow your address.",
            ),
        )
    if case.question.right is Right.LIST and Check.READ not in case.found:
        return case.words(
            translate(
                "why",
                "The key is right, but may not list the bucket {bucket}: its role there does not allow it (write_only), "
                "it has none, or your address {address} is not on the bucket’s allow list.",
            ),
            _ROLE,
        )
    return case.words(
        translate(
            "why",
            "The key is right, but the bucket {bucket} refuses it whatever it asks: the key has no role there, "
            "or your address {address} is not on the bucket’s allow list.",
        ),
        _ROLE,
    )


_ROLE = translate(
    "why",
    "In the console, give the key a role on the bucket {bucket} (read_only, read_write, write_only, maintainer), "
    "and check the bucket’s allowed addresses.",
)


def _retention(case: _Case) -> Verdict | None:
    """The object is protected."""
    said = case.question.error is not None and case.question.error.kind is ErrorKind.RETENTION
    if case.question.right not in CHANGING or not (said or case.protected):
        return None
    return case.words(
        translate("why", "The key is right, but {subject} is protected from changes by a retention period or a legal hold."),
        translate("why", "Wait for its end, or ask who manages the bucket {bucket} to lift it."),
    )


def _write(case: _Case) -> Verdict | None:
    """A change was refused, and the key is right: only its role can be the reason, which no check may try."""
    right = case.question.right
    if right not in CHANGING or not case.key_proven:
        return None
    if case.kind(Check.READ) is ErrorKind.NO_OBJECT and right is Right.WRITE_ACL:
        return _gone(case)
    return case.words(_REFUSED_CHANGES[right], _CHANGE_ROLES[right])


_REFUSED_CHANGES = {
    Right.WRITE: translate("why", "The key is right, but the store did not let it write to the bucket {bucket}."),
    Right.DELETE: translate("why", "The key is right, but the store did not let it delete in the bucket {bucket}."),
    Right.WRITE_ACL: translate("why", "The key is right, but the store did not let it change who may read {subject}."),
    Right.MANAGE: translate("why", "The key is right, but the store did not let it make or delete the bucket {bucket}."),
}
_CHANGE_ROLES = {
    Right.WRITE: translate(
        "why",
        "Its role is probably read_only. In the console, give it read_write or write_only on the bucket {bucket}, "
        "and check whether the bucket protects objects from being replaced.",
    ),
    Right.DELETE: translate(
        "why",
        "Its role is probably read_only or write_only. In the console, give it read_write on the bucket {bucket}, "
        "and check the bucket’s delete protection.",
    ),
    Right.WRITE_ACL: translate(
        "why", "In the console, give it the role maintainer on the bucket {bucket}, or share with a pre-signed URL instead."
    ),
    Right.MANAGE: translate("why", "Buckets are made in the console, or with the account’s global access key."),
}


def _gone(case: _Case) -> Verdict:
    return case.words(
        translate("why", "The key is right, but {subject} does not exist in the bucket {bucket} any more."),
        translate("why", "Refresh the list."),
    )


def _read(case: _Case) -> Verdict | None:
    """One object could not be read."""
    if case.question.right not in (Right.READ, Right.READ_ACL) or not case.key_proven:
        return None
    if case.kind(Check.READ) is ErrorKind.NO_OBJECT:
        return _gone(case)
    if case.refused(Check.READ):
        sentence = (
            translate("why", "The key is right and may list this bucket but not read this object.")
            if case.good(Check.LIST)
            else translate("why", "The key is right, but may not read this object.")
        )
        todo = translate(
            "why",
            "In the console, give it the role read_only or read_write on the bucket {bucket}. "
            "If it has that, the object belongs to another account, whose owner must allow it.",
        )
        return case.words(sentence, todo)
    if case.question.right is Right.READ_ACL and case.refused(Check.ACL):
        return case.words(
            translate("why", "The key is right and may read this object, but not see who else may."),
            translate("why", "Nothing is broken. In the console, the role maintainer on the bucket {bucket} allows it."),
        )
    return None


def _list(case: _Case) -> Verdict | None:
    """A listing was refused, while something else works."""
    if case.question.right is not Right.LIST or not case.refused(Check.LIST) or not case.key_proven:
        return None
    return case.words(
        translate("why", "The key is right and may work in the bucket {bucket}, but not list it."),
        translate("why", "Open a folder or upload by name, or give the key the role read_only or read_write in the console."),
    )


def _buckets(case: _Case) -> Verdict | None:
    """The list of buckets was refused, while something else works."""
    if case.question.right is not Right.BUCKETS or not case.refused(Check.KEY):
        return None
    return case.words(
        translate("why", "The key is right, but may not list the buckets. That is usual for keys made for one bucket."),
        translate("why", "Add your bucket by its name."),
    )


def _other(case: _Case) -> Verdict | None:
    """A signed request failed in some other way: what is known of it."""
    for check in _SIGNED:
        finding = case.found.get(check)
        if finding and finding.outcome is Outcome.BAD and finding.error:
            return _told(finding.error)
    return None


def _well(case: _Case) -> Verdict | None:
    """What was refused works now."""
    if case.question.right in CHANGING or not case.good(*_SIGNED):
        return None
    return case.words(
        translate("why", "Everything works now: the store answers, takes the key and allows what was refused before."),
        translate(
            "why", "Try again. The cause has gone: a role or an address list that was changed, or a network that came back."
        ),
    )


def _told(error: BrowserError) -> Verdict:
    """What the error itself says."""
    words = explain(error)
    return Verdict(translate("why", "{what}. {why}")(what=words.what, why=words.why), words.todo)


_RULES: tuple[Callable[[_Case], Verdict | None], ...] = (
    _reach,
    _key,
    _clock,
    _gateway,
    _no_bucket,
    _retention,
    _everything,
    _bucket,
    _write,
    _read,
    _list,
    _buckets,
    _other,
    _well,
)
