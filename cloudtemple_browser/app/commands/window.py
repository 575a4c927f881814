"""The window's own commands: panels, selection, settings, help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cloudtemple_browser.app.application import Application


def toggle(part: str) -> Callable[[Application], Awaitable[None]]:
    """Show or hide a part of the window."""

    async def run(app: Application) -> None:
        app.shell.toggle(part)

    return run


async def select_all(app: Application) -> None:
    """Select every row shown."""
    app.shell.select_all()


async def invert_selection(app: Application) -> None:
    """Select what is not selected."""
    app.shell.invert_selection()


async def settings(app: Application) -> None:
    """The settings dialog."""
    await app.shell.show_settings()


async def shortcuts(app: Application) -> None:
    """All commands and keys."""
    await app.shell.show_shortcuts()


async def about(app: Application) -> None:
    """Version and licence."""
    await app.shell.show_about()


async def open_log(app: Application) -> None:
    """The folder of the log file."""
    app.shell.open_folder(app.log_folder)


async def pause_transfers(app: Application) -> None:
    """Pause every transfer."""
    app.engine.pause()


async def resume_transfers(app: Application) -> None:
    """Go on with every transfer that is paused or waits for the network."""
    app.engine.resume()


async def clear_transfers(app: Application) -> None:
    """Take what is done off the list of transfers."""
    app.engine.remove_ended()


async def close(app: Application) -> None:
    """End the program."""
    app.shell.close_window()


async def demo(app: Application) -> None:
    """Start the demo store."""
    if app.start_demo:
        app.start_demo()
