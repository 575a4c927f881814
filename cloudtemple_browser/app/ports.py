"""What the use cases need of the world, as Protocols: the contract is in the docstrings, the wiring in ``bootstrap``.

Every call may block: use cases make them through ``Background``, never on the event loop. What crosses is frozen and picklable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from cloudtemple_browser.model.addresses import ObjectRef
from cloudtemple_browser.model.connections import Connection, SecretText
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.diagnosis import Finding, Question
from cloudtemple_browser.model.entries import Bucket, ListingPage, ObjectHead, ObjectInfo
from cloudtemple_browser.model.probe import StageResult
from cloudtemple_browser.model.settings import Settings
from cloudtemple_browser.model.vault import VaultStatus
from cloudtemple_browser.model.versions import VersionPage
from cloudtemple_browser.model.writes import Condition, Stored
from cloudtemple_browser.transfers.ports import TransferStore

T = TypeVar("T")


class Store(TransferStore, Protocol):
    """One opened connection. Thread-safe; every method blocks and raises ``BrowserError`` or ``Cancelled``."""

    def survey(self, bucket: str, prefix: str, look: Callable[[ListingPage], T], control: CallControl) -> Iterator[T]:
        """Look at every object below a prefix: ``look(page)`` of every page of ``list_pages`` without a delimiter.

        ``look`` is picklable and pure: it runs where the pages are parsed, maybe in another process, and only what it returns
        comes here. Ends and fails as ``list_pages`` does.
        """

    def list_buckets(self) -> tuple[Bucket, ...]:
        """The buckets that the key may list; ACCESS_DENIED for keys that may not."""

    def head_bucket(self, bucket: str) -> None:
        """Return when the bucket exists and may be used; else raise NO_BUCKET or ACCESS_DENIED."""

    def create_bucket(self, bucket: str) -> None:
        """Make a bucket in the store's own region."""

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket; BUCKET_NOT_EMPTY otherwise."""

    def read_head(self, ref: ObjectRef, limit: int, control: CallControl) -> ObjectHead:
        """At most ``limit`` bytes from the start of an object, by one ranged read."""

    def copy_object(
        self, source: ObjectInfo, bucket: str, ref: ObjectRef, condition: Condition | None, control: CallControl
    ) -> Stored:
        """Copy an object of ``bucket``, as HEAD told of it, within the store: bytes, type, headers, metadata, storage class.

        At most ``COPY_LIMIT`` bytes. Its access is the store's default, private: the caller sets it. A source that is not the
        same any more raises CHANGED (some stores have copied it by then), and so does a 412 to ``condition``, which some
        stores take no notice of.
        """

    def list_versions(self, ref: ObjectRef, control: CallControl) -> Iterator[VersionPage]:
        """All versions and delete markers of exactly this key, each once, the newest first; one page at least. Read-only.

        A bucket that never kept versions gives the object as its one version ``NULL_VERSION``, or nothing; so does a key that
        is not there. Raises PARTIAL where the store breaks off without an end, and UNSUPPORTED where it knows no versions.
        """

    def public_url(self, ref: ObjectRef) -> str:
        """The URL of the object once it is public. No request."""

    def presign_get(self, ref: ObjectRef, seconds: int) -> str:
        """A URL that reads the object for ``seconds`` (1 to 7 days under V4). No request."""

    def close(self) -> None:
        """Close the sockets. Calls under way fail."""


class StoreFactory(Protocol):
    """Opens connections. Thread-safe."""

    def open(self, connection: Connection, secret: SecretText) -> Store:
        """A store for the connection. No request is sent. An empty key or secret raises NO_CREDENTIALS."""

    def probe(self, connection: Connection, secret: SecretText, report: Callable[[StageResult], None]) -> None:
        """Test a connection stage by stage, reporting each as it ends, and stopping at the first that fails.

        With a bucket in the connection the list stage lists that; else it lists the buckets, and a refusal there is a note,
        not a failure: a key may be allowed to use a bucket and not to list them.
        """

    def diagnose(
        self,
        connection: Connection,
        secret: SecretText,
        question: Question,
        report: Callable[[Finding], None],
        control: CallControl,
    ) -> None:
        """Find out why something was refused: report each check of ``model.diagnosis`` as it ends, in order.

        Read-only, and each check takes ten seconds at most. It ends early where nothing more can be found out. Raises nothing
        but ``Cancelled``, and NO_CREDENTIALS without a key or secret.
        """


class CredentialVault(Protocol):
    """The OS keyring: one entry per connection. Blocking, possibly for as long as an unlock prompt stays open."""

    def status(self) -> VaultStatus:
        """Which keyring there is, found without a prompt. Detected anew at every call."""

    def save(self, connection_id: str, secret: SecretText) -> None:
        """Write and read back. Raises NO_KEYRING, KEYRING_LOCKED or KEYRING; then nothing was kept anywhere."""

    def read(self, connection_id: str) -> SecretText | None:
        """The secret, or None when there is none."""

    def delete(self, connection_id: str) -> None:
        """Remove the entry; a missing one is no error."""


class ConnectionBook(Protocol):
    """The saved connections, without secrets. Small and quick, yet on disk: call in the background."""

    def load(self) -> tuple[Connection, ...]:
        """All connections in the user's order. A damaged file is set aside (``*.damaged``), never overwritten blindly."""

    def save(self, connections: Sequence[Connection]) -> None:
        """Replace the file atomically."""


class SettingsBook(Protocol):
    """The settings file. Blocking."""

    def load(self) -> Settings:
        """The saved settings; defaults for what is missing or unreadable."""

    def save(self, settings: Settings) -> None:
        """Replace the file atomically."""


class SessionFolder(Protocol):
    """A private temporary folder that lives as long as this process. Blocking, but for ``holds`` and ``foreign``."""

    def new(self) -> Path:
        """A new, empty folder in it. Raises ``BrowserError`` (LOCAL_*, DISK_FULL)."""

    def holds(self, path: Path) -> bool:
        """Whether a path lies in it."""

    def foreign(self, path: Path) -> bool:
        """Whether a path lies in the folder of another session."""

    def sweep(self) -> None:
        """Remove what crashed sessions left behind. Raises nothing."""

    def remove(self) -> None:
        """Remove it with everything in it."""
