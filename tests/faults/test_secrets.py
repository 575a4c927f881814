"""S56 to S60: the secret key is in the keyring and nowhere else, whatever the keyring does."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults.server import FaultServer
from journeys.desk import Desk
from persistence.canary import CANARY, holders
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QLineEdit
from servers.raw import RawServer, Request, s3_answer, s3_error
from servers.s3 import User
from servers.secret_service import PrivateBus, SecretService, need_dbus

from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.errors import ErrorKind
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.persistence.connections import JsonConnectionBook
from cloudtemple_browser.persistence.credentials import PROMPT_SECONDS, SERVICE, KeyringVault
from cloudtemple_browser.persistence.paths import AppPaths
from cloudtemple_browser.ui.i18n import say

BUCKET = "bucket"
KEY = "AKCANARY"
GAP = 1.0  # seconds: less than a keyring that does not answer keeps anybody waiting, more than a busy machine
IMPATIENCE = 1.5  # seconds that the program waits for an answer that does not come
FORM = {"name": "Lab", "access_key": KEY, "secret": CANARY, "bucket": BUCKET}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything that this process writes anywhere is below this folder."""
    for name in ("home", "tmp", "cwd"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path


@pytest.fixture
def keyring(desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """The program's own vault, on a Secret Service that misbehaves when told to."""
    need_dbus()
    assert home.is_dir()
    with PrivateBus() as bus, SecretService(bus.address) as service:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        desk.vault = KeyringVault()
        yield service


@pytest.fixture
def lab(server: FaultServer) -> FaultServer:
    """A store that knows the canary and checks every signature."""
    server.keys[KEY] = CANARY
    server.store.add(BUCKET, "a.txt", b"a")
    return server


@contextmanager
def lively() -> Iterator[None]:
    """The event loop never stands still for longer than a person notices.

    A thread beside it is the witness: while that did not get a turn either, it was the machine that had no time.
    """
    witness, ended = _Witness(), threading.Event()
    thread = threading.Thread(target=witness.run, args=(ended,), daemon=True)
    thread.start()
    timer = QTimer(interval=5, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(witness.turned)
    timer.start()
    try:
        yield
    finally:
        timer.stop()
        witness.turned()
        ended.set()
        thread.join()
    assert witness.worst < GAP


class _Witness:
    """Counts its own turns, and takes from them how long the event loop stood still while others did not, in seconds."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._beats = self._seen = 0

    def run(self, ended: threading.Event) -> None:
        """In a thread of its own."""
        while not ended.wait(0.01):
            self._beats += 1

    def turned(self) -> None:
        """The event loop has turned."""
        beats = self._beats
        self.worst = max(self.worst, (beats - self._seen) * 0.01)
        self._seen = beats


@pytest.mark.usefixtures("qapp")
def test_what_stands_still_is_noticed() -> None:
    pause = threading.Event()
    with lively():
        pause.wait(GAP / 5)
    with pytest.raises(AssertionError), lively():
        pause.wait(GAP * 2)


DIES_AT = {"dies at a write": "CreateItem", "dies at a read": "GetSecret"}
"""The call that the daemon does not outlive."""


class Trouble:
    """What is wrong with the keyring, how it comes about, and how it ends."""

    def __init__(self, name: str, desk: Desk, keyring: SecretService, monkeypatch: pytest.MonkeyPatch) -> None:
        self.name, self._desk, self._keyring, self._patch = name, desk, keyring, monkeypatch

    def begin(self) -> None:
        keyring = self._keyring
        if self.name in ("hanging", "silent"):
            self._desk.vault._patience = IMPATIENCE
        match self.name:
            case "absent":
                keyring.stop()
            case "null":
                keyring.stop()
                self._patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
            case "dismissed":
                keyring.locked, keyring.prompt = True, "dismiss"
            case "hanging" | "dies while it asks":
                keyring.locked, keyring.prompt = True, "ignore"
            case "denied":
                keyring.denied = {"CreateItem": 1, "GetSecret": 1}
            case "silent":
                keyring.going.clear()
            case "locked":
                keyring.locked = True
            case _:
                keyring.dies_at = DIES_AT[self.name]

    async def go_on(self) -> None:
        """While the program asks: the window says so, and the daemon may end."""
        desk = self._desk
        if self.name not in ("hanging", "dies while it asks"):
            return
        await desk.until(self._keyring.asked, "the keyring asks for its password")
        if self.name == "dies while it asks":
            self._keyring.stop()
        else:
            await desk.until(lambda: "Waiting for the keyring" in desk.text("transfers-summary"), "the window says so")

    def end(self) -> None:
        keyring, self._desk.vault._patience = self._keyring, PROMPT_SECONDS
        keyring.dies_at, keyring.denied, keyring.prompt = "", {}, "unlock"
        self._patch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
        if self.name in ("absent", "null") or self.name.startswith("dies"):
            keyring.start()
            keyring.locked = False
        keyring.going.set()
        keyring.answer_prompts(dismissed=False)


@pytest.fixture
def trouble(request: pytest.FixtureRequest, desk: Desk, keyring: SecretService, monkeypatch: pytest.MonkeyPatch) -> Trouble:
    """Made by its name."""
    return Trouble(request.param, desk, keyring, monkeypatch)


NO_KEYRING, LOCKED, BROKEN = ErrorKind.NO_KEYRING, ErrorKind.KEYRING_LOCKED, ErrorKind.KEYRING


@pytest.mark.usefixtures("log_file")
@pytest.mark.scenario("S56", "keyring absent, null, dismissed, hanging, dying: a new connection", seconds=120)
@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("absent", NO_KEYRING),
        ("null", NO_KEYRING),
        ("dismissed", LOCKED),
        ("hanging", LOCKED),
        ("silent", LOCKED),
        ("dies while it asks", NO_KEYRING),
        ("dies at a write", NO_KEYRING),
        ("denied", BROKEN),
    ],
    indirect=["trouble"],
)
async def test_a_new_connection(
    desk: Desk, lab: FaultServer, keyring: SecretService, trouble: Trouble, told: ErrorKind, home: Path
) -> None:
    await desk.start()
    trouble.begin()
    with lively():
        await desk.press("state-connection.new")
        if trouble.name in ("absent", "null"):
            dialog = await desk.dialog("New connection")
            await _only_this_session(desk, dialog)
            await desk.fill_form("New connection", endpoint=lab.endpoint, **FORM)
        else:
            await desk.fill_form("New connection", endpoint=lab.endpoint, **FORM)
            await trouble.go_on()
            await _come_back(desk, told)
        await desk.listed("a.txt")
    assert keyring.entries == {}
    assert holders(home, CANARY) == []
    # The connection is kept, its secret is not; and the keyring may come back at any time.
    await desk.restart()
    await desk.sidebar("Lab")
    await desk.place("failed")
    trouble.end()
    await desk.press("state-connection.edit")
    await desk.fill_form("Edit connection", secret=CANARY)
    await desk.listed("a.txt")
    assert list(keyring.secrets().values()) == [CANARY]
    await desk.restart()
    await desk.listed("a.txt")
    assert holders(home, CANARY) == []
    await desk.stop()


async def _only_this_session(desk: Desk, dialog: QDialog) -> None:
    """The form says that there is no keyring, and offers nothing else."""
    await desk.until(
        lambda: "No usable keyring was found" in desk.text("keyring-line", dialog), "the form says that there is no keyring"
    )
    box = desk.find(QCheckBox, "session-only", dialog)
    assert box.isChecked()
    assert not box.isEnabled()


async def _come_back(desk: Desk, told: ErrorKind) -> None:
    """The form is there again, with what was typed and with why; "this session only" needs no keyring."""
    await desk.until(lambda: any(one.findChild(QLabel, "keyring-refusal") for one in desk.dialogs()), "the form comes back")
    (dialog,) = desk.dialogs()
    await desk.front(dialog)
    assert desk.find(QLabel, "keyring-refusal", dialog).isVisible()
    ((_name, error),) = desk.window.work.notices._notice.failures  # type: ignore[union-attr]
    assert error.kind is told
    assert say(explain(error).what) in desk.text("keyring-refusal", dialog)
    assert "for this session only" in desk.text("keyring-refusal", dialog)
    assert desk.find(QLineEdit, "secret", dialog).text() == CANARY
    assert desk.parts.app.accounts.connections == ()
    box = desk.find(QCheckBox, "session-only", dialog)
    await desk.until(lambda: desk.text("keyring-line", dialog), "the form says where the secret goes")
    if not box.isChecked():
        await desk.click(box)
    await desk.press("save", dialog)
    await desk.gone(dialog)


@pytest.mark.usefixtures("log_file")
@pytest.mark.scenario("S56", "keyring locked: it is unlocked when it asks", seconds=120)
@pytest.mark.parametrize("trouble", ["locked"], indirect=True)
async def test_a_locked_keyring_that_is_unlocked(
    desk: Desk, lab: FaultServer, keyring: SecretService, trouble: Trouble, home: Path
) -> None:
    await desk.start()
    trouble.begin()
    with lively():
        await desk.press("state-connection.new")
        dialog = await desk.dialog("New connection")
        await desk.until(lambda: "will ask to be unlocked" in desk.text("keyring-line", dialog), "the form says so")
        await desk.fill_form("New connection", endpoint=lab.endpoint, **FORM)
        await desk.listed("a.txt")
    assert list(keyring.secrets().values()) == [CANARY]
    trouble.begin()
    await desk.restart()
    with lively():
        await desk.listed("a.txt")
    assert not keyring.locked
    assert holders(home, CANARY) == []
    await desk.stop()


@pytest.mark.usefixtures("log_file")
@pytest.mark.scenario("S56", "keyring absent, null, dismissed, hanging, dying: a saved connection", seconds=120)
@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("absent", NO_KEYRING),
        ("null", NO_KEYRING),
        ("dismissed", LOCKED),
        ("hanging", LOCKED),
        ("silent", LOCKED),
        ("dies while it asks", NO_KEYRING),
        ("dies at a read", NO_KEYRING),
        ("denied", BROKEN),
    ],
    indirect=["trouble"],
)
async def test_a_saved_connection(
    desk: Desk, lab: FaultServer, keyring: SecretService, trouble: Trouble, told: ErrorKind, home: Path
) -> None:
    await desk.start()
    await desk.connect("Lab", lab.endpoint, KEY, CANARY, bucket=BUCKET)
    await desk.listed("a.txt")
    saved = AppPaths(desk.profile).connections_file.read_text()
    await desk.stop()
    requests = len(lab.log)
    trouble.begin()
    await desk.start()
    await trouble.go_on()
    await desk.place("failed")
    if trouble.name == "dies at a read":
        keyring.start()
    with lively():
        before = desk.parts.app.listing.status.error
        await desk.press("state-go.refresh")
        await desk.until(lambda: desk.parts.app.listing.status.error not in (None, before), "it fails again")
        await desk.place("failed")
        error = desk.parts.app.listing.status.error
        assert error is not None
        assert error.kind is told
        assert say(explain(error).what) == desk.text("state-title")
        assert "for this session only" in desk.text("state-detail")
        await desk.sidebar("Lab")
    assert len(lab.log) == requests
    assert AppPaths(desk.profile).connections_file.read_text() == saved
    # Try again, once the keyring is back: nothing has to be typed.
    trouble.end()
    await desk.press("state-go.refresh")
    await desk.listed("a.txt")
    assert list(keyring.secrets().values()) == [CANARY]
    assert holders(home, CANARY) == []
    await desk.stop()


@pytest.mark.usefixtures("log_file")
@pytest.mark.scenario("S56", "keyring out of order: a saved connection goes on for this session", seconds=120)
@pytest.mark.parametrize("trouble", ["absent", "dismissed", "hanging", "denied"], indirect=True)
async def test_a_saved_connection_goes_on_for_this_session(
    desk: Desk, lab: FaultServer, keyring: SecretService, trouble: Trouble, home: Path
) -> None:
    old = "another-secret-0123456789"
    lab.keys[KEY] = old
    await desk.start()
    await desk.connect("Lab", lab.endpoint, KEY, old, bucket=BUCKET)
    await desk.listed("a.txt")
    await desk.stop()
    lab.keys[KEY] = CANARY
    trouble.begin()
    keyring.denied |= {"Delete": 1} if trouble.name == "denied" else {}
    await desk.start()
    await desk.place("failed")
    with lively():
        await desk.press("state-connection.edit")
        dialog = await desk.dialog("Edit connection")
        box = desk.find(QCheckBox, "session-only", dialog)
        await desk.until(lambda: desk.text("keyring-line", dialog), "the form says where the secret goes")
        if not box.isChecked():
            await desk.click(box)
        await desk.fill_form("Edit connection", secret=CANARY)
        await desk.listed("a.txt")
        if trouble.name != "absent":
            await desk.notice("Lab", "still in the keyring")
    assert CANARY not in keyring.secrets().values()
    assert holders(home, CANARY) == []
    await desk.stop()


# ---------------------------------------------------------------------------------------------------- S57

FOREIGN = User("AKENVIRONMENT", "secret-of-the-environment")


@pytest.fixture
def elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """Keys of somebody else wherever tools for AWS look: the environment, the files, and an instance's metadata service."""
    (home / "home" / ".aws").mkdir()
    keys = f"aws_access_key_id = {FOREIGN.access_key}\naws_secret_access_key = {FOREIGN.secret_key}\n"
    (home / "home" / ".aws" / "credentials").write_text(f"[default]\n{keys}")
    (home / "home" / ".aws" / "config").write_text(f"[default]\nregion = eu-west-1\n{keys}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "home" / ".aws" / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "home" / ".aws" / "credentials"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", FOREIGN.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", FOREIGN.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-token-of-the-environment")
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    with RawServer(lambda _request: s3_error(404, "NotFound")) as metadata:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.endpoint)
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{metadata.endpoint}/credentials")
        yield metadata


@pytest.mark.scenario("S57", "the keyring has no secret, the environment has one: nothing is sent")
@pytest.mark.parametrize("found", [None, ""])
async def test_the_secret_of_somebody_else_is_not_used(
    desk: Desk, lab: FaultServer, keyring: SecretService, elsewhere: RawServer, home: Path, found: str | None
) -> None:
    lab.keys[FOREIGN.access_key] = FOREIGN.secret_key
    lab.keys[KEY] = FOREIGN.secret_key  # even our own access key with their secret would do
    connection = Connection("Lab", lab.endpoint, KEY, bucket=BUCKET)
    JsonConnectionBook(AppPaths(desk.profile).connections_file).save([connection])
    if found is not None:
        keyring.entries["/empty"] = (
            {"service": SERVICE, "username": connection.id, "application": "Python keyring library"},
            found.encode(),
        )
    await desk.start()
    await desk.sidebar("Lab")
    await desk.click_sidebar("Lab")
    await desk.place("failed")
    assert desk.text("state-title") == "The secret key is missing"
    await desk.press("state-go.refresh")
    await desk.place("failed")
    # Neither do the transfers send anything, nor the test of the form.
    upload = home / "upload.txt"
    upload.write_text("x")
    assert await desk.drop(desk.window.work.objects, desk.bottom(), [upload])
    await desk.until(lambda: _answered(desk), "the upload is refused")
    await desk.press("state-connection.edit")
    await desk.fill_form("Edit connection", "test")
    dialog = await desk.dialog("Edit connection")
    await desk.until(lambda: any("The secret key is missing" in words for words in desk.words(dialog)), "so is the test")
    await desk.keys("Escape")
    await desk.gone(dialog)
    assert lab.log == []
    assert elsewhere.connections == 0
    # With a secret of its own, the connection uses that one only.
    lab.keys[KEY] = CANARY
    await desk.press("state-connection.edit")
    await desk.fill_form("Edit connection", secret=CANARY)
    await desk.listed("a.txt")
    signed = {one.request.headers["authorization"].partition("Credential=")[2].partition("/")[0] for one in lab.log}
    assert signed == {KEY}
    assert not any("x-amz-security-token" in one.request.headers for one in lab.log)
    assert elsewhere.connections == 0
    await desk.stop()


def _answered(desk: Desk) -> bool:
    """Whether an upload has come to an end, in whatever way the window tells it."""
    groups = desk.parts.transfers.groups
    return desk.window.work.notices.isVisible() or any(group.status.ended for group in groups)


# ---------------------------------------------------------------------------------------------------- S58


@pytest.mark.usefixtures("log_file")
@pytest.mark.scenario("S58", "key rotation; the keyring refuses the new secret", seconds=120)
@pytest.mark.parametrize("way", ["denied", "denied halfway", "dismissed", "dies at a write", "dies halfway"])
async def test_a_new_key_that_can_not_be_kept(
    desk: Desk, lab: FaultServer, keyring: SecretService, home: Path, way: str
) -> None:
    new = User("AKNEW", "the-new-secret-0123456789")
    lab.keys[new.access_key] = new.secret_key
    await desk.start()
    await desk.connect("Lab", lab.endpoint, KEY, CANARY, bucket=BUCKET)
    await desk.listed("a.txt")
    match way:
        case "denied":
            keyring.denied = {"CreateItem": 1}
        case "denied halfway":  # the old secret has been set aside, and now the new one is refused
            keyring.denied = {"CreateItem": 2}
        case "dismissed":
            keyring.locked, keyring.prompt = True, "dismiss"
        case "dies at a write":
            keyring.dies_at = "CreateItem"
        case _:
            keyring.dies_at = "Delete"
    await desk.menu("connection.edit")
    await desk.fill_form("Edit connection", access_key=new.access_key, secret=new.secret_key)
    await desk.until(lambda: any(one.findChild(QLabel, "keyring-refusal") for one in desk.dialogs()), "the form comes back")
    (dialog,) = desk.dialogs()
    await desk.front(dialog)
    assert "keyring" in desk.text("keyring-refusal", dialog)
    assert desk.find(QLineEdit, "secret", dialog).text() == new.secret_key
    await desk.keys("Escape")
    await desk.gone(dialog)
    # The old key works on, now and after a restart.
    lab.store.add(BUCKET, "b.txt", b"b")
    await desk.keys("F5")
    await desk.listed("a.txt", "b.txt")
    keyring.denied, keyring.locked, keyring.prompt = {}, False, "unlock"
    if keyring.dies_at:
        keyring.dies_at = ""
        keyring.start()
    await desk.restart()
    await desk.listed("a.txt", "b.txt")
    assert new.secret_key not in keyring.secrets().values()
    assert new.access_key not in AppPaths(desk.profile).connections_file.read_text()
    # And a second try takes the new one, leaving nothing of the old one.
    del lab.keys[KEY]
    await desk.menu("connection.edit")
    await desk.fill_form("Edit connection", access_key=new.access_key, secret=new.secret_key)
    await desk.until(lambda: list(keyring.secrets().values()) == [new.secret_key], "the new secret is kept")
    await desk.keys("F5")
    await desk.listed("a.txt", "b.txt")
    assert holders(home, CANARY) == holders(home, new.secret_key) == []
    await desk.stop()


# ---------------------------------------------------------------------------------------------------- S60


@pytest.mark.scenario("S60", "an http:// endpoint needs consent and stays marked; never Cloud Temple's")
async def test_an_endpoint_without_encryption(desk: Desk) -> None:
    def serve(request: Request) -> bytes:
        name = request.path.strip("/")
        return s3_answer(200, f"<ListBucketResult><Name>{name}</Name><IsTruncated>false</IsTruncated></ListBucketResult>")

    with RawServer(serve) as store:  # it is the proxy on the way to a host that is not this machine
        await desk.start()
        assert not _marked(desk)
        await desk.press("state-connection.new")
        dialog = await desk.dialog("New connection")
        values = {"name": "Plain", "access_key": KEY, "secret": CANARY, "bucket": BUCKET}
        for button in ("save", "test"):
            for name, value in {**values, "endpoint": "http://store.example"}.items():
                await desk.write(value, desk.find(QLineEdit, name, dialog))
            await desk.press(button, dialog)
            assert "unencrypted" in desk.text("endpoint-problem", dialog)
            assert dialog.isVisible()
        await desk.press("advanced", dialog)
        await desk.write(store.endpoint, desk.find(QLineEdit, "proxy", dialog))
        await desk.press("allow-http", dialog)
        # Consent does not count for the provider, whose store always has TLS.
        for host in ("http://acme.s3.fr1.cloud-temple.com", "http://ACME.s3.fr1.Cloud-Temple.com:9020"):
            await desk.write(host, desk.find(QLineEdit, "endpoint", dialog))
            await desk.press("save", dialog)
            assert "https:// only" in desk.text("endpoint-problem", dialog)
            assert dialog.isVisible()
        assert store.connections == 0
        await desk.write("http://store.example", desk.find(QLineEdit, "endpoint", dialog))
        await desk.press("save", dialog)
        await desk.gone(dialog)
        await desk.place("empty")
        assert {request.headers["host"] for request in store.requests} == {"store.example"}
        assert _marked(desk)
        assert "store.example" in desk.text("insecure-text")
        # The mark stays, whatever shows and after a restart.
        await desk.go("s3://bucket/folder/")
        await desk.place("empty")
        assert _marked(desk)
        await desk.restart()
        await desk.place("empty")
        assert _marked(desk)
        # A file that was edited by hand opens no way around the form.
        path = AppPaths(desk.profile).connections_file
        handmade: tuple[dict[str, object], ...] = (
            {"allow_http": False},
            {"endpoint": "http://acme.s3.fr1.cloud-temple.com"},
        )
        for changes in handmade:
            _edit(path, changes)
            assert JsonConnectionBook(path).load() == ()
            _edit(path, {"allow_http": True, "endpoint": "http://store.example"})
        await desk.connect("Safe", "https://store.example", KEY, CANARY, bucket=BUCKET)
        await desk.until(lambda: not _marked(desk), "the mark goes with the connection")
        await desk.click_sidebar("Plain")
        await desk.until(lambda: _marked(desk), "the mark comes back with it")
        await desk.stop()


def _marked(desk: Desk) -> bool:
    return desk.find(QLabel, "insecure-text").isVisible()


def _edit(path: Path, changes: dict[str, object]) -> None:
    book = json.loads(path.read_text())
    book["connections"][0].update(changes)
    path.write_text(json.dumps(book))
