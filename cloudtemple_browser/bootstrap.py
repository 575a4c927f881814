"""The composition root: the one module that knows every class. Starts the program and ends it.

Nothing of the program but the window's frame is imported before that frame shows; hence the imports inside functions.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cloudtemple_browser import __version__

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from cloudtemple_browser.app.activities import Activity
    from cloudtemple_browser.app.application import Application
    from cloudtemple_browser.app.ports import CredentialVault, Store, StoreFactory
    from cloudtemple_browser.app.transfer_list import TransferList
    from cloudtemple_browser.demo.server import DemoServer
    from cloudtemple_browser.model.connections import Connection, SecretText
    from cloudtemple_browser.model.control import CallControl
    from cloudtemple_browser.model.diagnosis import Finding, Question
    from cloudtemple_browser.model.probe import StageResult
    from cloudtemple_browser.model.traits import Trait
    from cloudtemple_browser.persistence.paths import AppPaths
    from cloudtemple_browser.transfers.events import Event
    from cloudtemple_browser.ui.main_window import MainWindow

log = logging.getLogger(__name__)

SWITCH_INTERVAL = 0.0005  # seconds: the window gets the interpreter back ten times sooner than by default


class LateFactory:
    """The store factory, importing boto3 (0.3 s) at its first use, in the worker thread that needs it."""

    def __init__(self) -> None:
        from cloudtemple_browser.app.courtesy import courtesy
        from cloudtemple_browser.workers.pool import Pool

        self._pool = Pool(give_way=courtesy.give_way)

    def _factory(self) -> StoreFactory:
        from cloudtemple_browser.workers.store import EngineStoreFactory

        return EngineStoreFactory(self._pool)

    def open(self, connection: Connection, secret: SecretText) -> Store:
        """See ``StoreFactory.open``."""
        return self._factory().open(connection, secret)

    def probe(self, connection: Connection, secret: SecretText, report: Callable[[StageResult], None]) -> None:
        """See ``StoreFactory.probe``."""
        self._factory().probe(connection, secret, report)

    def diagnose(
        self,
        connection: Connection,
        secret: SecretText,
        question: Question,
        report: Callable[[Finding], None],
        control: CallControl,
    ) -> None:
        """See ``StoreFactory.diagnose``."""
        self._factory().diagnose(connection, secret, question, report, control)

    def warm_up(self) -> None:
        """Start the first engine process and import, now: called in a worker thread once the window shows."""
        self._pool.warm_up()
        self._factory()

    def limit(self, upload_rate: int, download_rate: int) -> None:
        """Set the rates of all transfers, in bytes a second; 0: none."""
        self._pool.limit(upload_rate, download_rate)

    def close(self) -> None:
        """End the engine processes."""
        self._pool.close()


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "cloudtemple-browser", description="Browse Cloud Temple object storage and other S3 stores."
    )
    parser.add_argument("--demo", action="store_true", help="start the embedded demo store and open it")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="keep settings, log and demo data in DIR")
    parser.add_argument("--log-level", default="INFO", choices=("DEBUG", "INFO", "WARNING"), help="how much goes into the log")
    parser.add_argument("--version", action="version", version=f"Cloud Temple Browser {__version__}")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Run the program; returns the exit code."""
    arguments = _arguments(argv)
    from cloudtemple_browser.ui.binding import binding_problem

    if refusal := binding_problem():
        sys.stderr.write(refusal + "\n")
        return 2
    sys.setswitchinterval(SWITCH_INTERVAL)
    from cloudtemple_browser.persistence.logs import start_log
    from cloudtemple_browser.persistence.memory_image import forbid_core_files
    from cloudtemple_browser.persistence.paths import AppPaths

    forbid_core_files()
    paths = AppPaths(arguments.profile.absolute() if arguments.profile else None)
    start_log(paths.state, arguments.log_level)
    log.info("Cloud Temple Browser %s starts on Python %s", __version__, sys.version.split()[0])
    from cloudtemple_browser.persistence.settings import JsonSettingsBook
    from cloudtemple_browser.ui.start import make_qt_application, show_frame

    qt = make_qt_application(sys.argv[:1])
    frame = show_frame(qt, JsonSettingsBook(paths.settings_file).load())
    from cloudtemple_browser.ui.event_loop import run

    code = run(qt, _live(qt, frame, paths, demo=arguments.demo))
    logging.shutdown()
    sys.stdout.flush()
    # Not sys.exit: concurrent.futures would join a worker that waits for a silent server, and hold the process for minutes.
    os._exit(code)


async def _live(qt: QApplication, frame: MainWindow, paths: AppPaths, *, demo: bool) -> int:
    from cloudtemple_browser.ui.program import Program

    def report(error: BaseException) -> None:
        program.report(error)

    parts = build(paths, report)
    program = Program(qt, parts.app, parts.transfers, frame)
    program.install_hooks()
    program.show()
    parts.app.background.spawn(_begin(parts, demo=demo))
    await program.until_closed()
    parts.app.close()
    parts.factory.close()
    parts.demo.stop()
    return 0


async def _begin(parts: Parts, *, demo: bool) -> None:
    """What waits until the window shows: the saved connections, boto3, the demo store."""
    from cloudtemple_browser.app.shell import Notice
    from cloudtemple_browser.model.errors import BrowserError
    from cloudtemple_browser.model.text import translate

    app = parts.app
    try:
        await app.accounts.load()
    except BrowserError as error:  # told, and the rest begins all the same
        words = translate("app", "The saved connections could not be read")
        app.shell.notify(Notice(words, ((error.facts.subject, error),)))
    if demo:
        await parts.demo.start()
    else:
        last = app.accounts.get(app.settings.last_connection)
        if last:
            app.open_connection(last)
    app.engine.start()  # what was interrupted needs the connections
    await app.background.call(parts.factory.warm_up)
    gc.freeze()  # 50,000 objects that stay: the collector would look at them again and again, 30 ms each time
    await app.background.call(app.staging.sweep)


@dataclass(frozen=True, slots=True)
class Parts:
    """The program's parts, wired."""

    app: Application
    transfers: TransferList
    factory: LateFactory
    demo: Demo


def build(paths: AppPaths, report: Callable[[BaseException], None], vault: CredentialVault | None = None) -> Parts:
    """Wire the program without its window. Call it on the running loop; ``vault`` is the OS keyring unless given."""
    import asyncio

    from cloudtemple_browser.app.accounts import Accounts, Stores
    from cloudtemple_browser.app.application import Application
    from cloudtemple_browser.app.background import Background
    from cloudtemple_browser.app.patient_vault import PatientVault
    from cloudtemple_browser.app.shell import Notice
    from cloudtemple_browser.app.transfer_list import TransferList
    from cloudtemple_browser.model.errors import BrowserError
    from cloudtemple_browser.model.text import translate
    from cloudtemple_browser.persistence.connections import JsonConnectionBook
    from cloudtemple_browser.persistence.credentials import KeyringVault
    from cloudtemple_browser.persistence.journal import Journal
    from cloudtemple_browser.persistence.session_folder import SessionFolder
    from cloudtemple_browser.persistence.settings import JsonSettingsBook
    from cloudtemple_browser.transfers.engine import Engine

    loop = asyncio.get_running_loop()
    background = Background(report)
    factory = LateFactory()
    vault = PatientVault(
        vault or KeyringVault(),
        loop,
        lambda: app.activities.start(translate("app", "Waiting for the keyring"), cancellable=False),
    )
    stores = Stores(factory, vault)
    accounts = Accounts(background, JsonConnectionBook(paths.connections_file), vault, factory, stores)
    transfers = TransferList()

    def learnt(connection: Connection, trait: Trait) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: the program ends
            loop.call_soon_threadsafe(accounts.learn, connection, trait)

    stores.learnt = learnt

    def notify(events: tuple[Event, ...]) -> None:  # in the engine's reporter thread
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(app.transfers_happened, events)

    def journal() -> Journal:  # in the engine's thread
        try:
            kept, ours = Journal.at(paths.transfers_file)
        except BrowserError as error:
            words = translate("app", "Transfers cannot be kept on the disk: they end with this window")
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(app.shell.notify, Notice(words, ((str(paths.transfers_file), error),)))
            return Journal(None)
        if not ours:
            log.warning("another window of this program keeps the transfers: those of this one end with it")
        return kept

    engine = Engine(stores.get, notify, journal, pace=factory.limit)
    stores.renewed = engine.reopen
    app = Application(background, accounts, engine, JsonSettingsBook(paths.settings_file), paths.state, SessionFolder())
    app.transfer_events.add(transfers.handle)
    app.load_settings()
    demo = Demo(app, paths.data / "demo")
    return Parts(app, transfers, factory, demo)


class Demo:
    """The embedded demo store: a local S3 server that lives as long as the program. Loop thread."""

    def __init__(self, app: Application, folder: Path) -> None:
        self._app, self._folder = app, folder
        self._server: DemoServer | None = None
        self._fill: Activity | None = None
        self._open: Callable[[], None] | None = None  # shows the store that runs
        app.offer_demo(lambda: app.background.spawn(self.start()))

    async def start(self) -> None:
        """Start the store unless it runs, fill it the first time, and open it. A failure is told in the window."""
        if self._server is not None and (self._open is None or self._server.runs):
            if self._open:  # else it is starting
                self._open()
            return
        import asyncio

        from cloudtemple_browser.demo.server import DemoServer
        from cloudtemple_browser.model.addresses import Location
        from cloudtemple_browser.model.connections import Connection
        from cloudtemple_browser.model.errors import BrowserError
        from cloudtemple_browser.model.text import translate
        from cloudtemple_browser.ui.i18n import say

        app, loop = self._app, asyncio.get_running_loop()

        def progress(done: int, total: int) -> None:  # in a thread of the server's, also after it is ready
            loop.call_soon_threadsafe(self._filling, done, total)

        name = say(translate("app", "Demo store"))
        self._server, self._open = DemoServer(self._folder, progress), None
        try:
            with app.activities.start(translate("app", "Starting the demo store"), cancellable=False):
                endpoint = await app.background.call(self._server.start)
        except BrowserError as error:
            self._server = None
            app.fail(error, name)
            return
        connection = Connection(name, endpoint.endpoint, endpoint.access_key, region=endpoint.region, id="demo")

        def show() -> None:
            if app.accounts.get(connection.id) != connection:  # new, started anew, or deleted
                app.accounts.add_temporary(connection, endpoint.secret)
            app.open(Location(connection.id, "welcome"))

        self._open = show
        show()

    def _filling(self, done: int, total: int) -> None:
        """Show how far the store is filled; it can be used meanwhile."""
        from cloudtemple_browser.model.text import translate

        if self._fill is None and done < total:
            self._fill = self._app.activities.start(translate("app", "Filling the demo store"), total, cancellable=False)
            self._fill.__enter__()
        if self._fill is not None:
            self._fill.reach(done, total)
            if done >= total:
                self._fill.__exit__()
                self._fill = None

    def stop(self) -> None:
        """Stop the store; blocks until it has saved its state."""
        if self._server is not None:
            self._server.stop()
