"""Every command of the program: the whole menu bar, toolbar and context menu as one tuple of data.

To add one: a coroutine in a module of this package, and a line here.
"""

from __future__ import annotations

from cloudtemple_browser.app.commands import (
    connections,
    delete,
    download,
    export,
    go,
    hand_out,
    links,
    measure,
    publish,
    rename,
    search,
    upload,
    window,
)
from cloudtemple_browser.app.commands.base import Command, Place
from cloudtemple_browser.app.listing import Phase
from cloudtemple_browser.app.state import State
from cloudtemple_browser.model.text import translate

P = Place
_OBJECT = P.MENU_OBJECT | P.CONTEXT_OBJECTS
_SHARE = P.SHARE_MENU | _OBJECT
_UPLOAD = P.UPLOAD_MENU | P.MENU_FILE


def _connected(state: State) -> bool:
    return state.connected


def _in_bucket(state: State) -> bool:
    return state.in_bucket


def _on_objects(state: State) -> bool:
    return state.on_objects


def _on_rows(state: State) -> bool:
    return state.on_rows


def _has_rows(state: State) -> bool:
    return state.rows > 0


def _can_measure(state: State) -> bool:
    return state.in_bucket or state.selection.rows == 1


COMMANDS: tuple[Command, ...] = (
    # Connections and buckets
    Command(
        "connection.new",
        translate("commands", "New connection…"),
        "connection",
        P.MENU_CONNECTION,
        connections.new,
        shortcuts=("Ctrl+N",),
    ),
    Command(
        "connection.edit", translate("commands", "Edit connection…"), "pencil", P.MENU_CONNECTION, connections.edit, _connected
    ),
    Command(
        "connection.duplicate",
        translate("commands", "Duplicate connection…"),
        "duplicate",
        P.MENU_CONNECTION,
        connections.duplicate,
        _connected,
    ),
    Command(
        "connection.delete",
        translate("commands", "Delete connection…"),
        "delete",
        P.MENU_CONNECTION,
        connections.delete,
        _connected,
        group=1,
    ),
    Command(
        "bucket.add",
        translate("commands", "Add bucket by name…"),
        "bucket-add",
        P.MENU_BUCKET,
        connections.add_bucket,
        _connected,
        group=2,
    ),
    Command(
        "bucket.create",
        translate("commands", "New bucket…"),
        "bucket",
        P.MENU_BUCKET,
        connections.create_bucket,
        _connected,
        group=2,
    ),
    Command(
        "bucket.forget",
        translate("commands", "Remove bucket from the list"),
        "minus",
        P.MENU_BUCKET,
        connections.forget_bucket,
        _in_bucket,
        group=3,
    ),
    Command(
        "bucket.delete",
        translate("commands", "Delete bucket…"),
        "delete",
        P.MENU_BUCKET,
        connections.delete_bucket,
        lambda s: s.on_one_bucket,
        group=3,
    ),
    Command(
        "demo",
        translate("commands", "Try the demo store"),
        "eye",
        P.MENU_CONNECTION,
        window.demo,
        lambda s: s.demo_available,
        group=4,
    ),
    # Where to
    Command(
        "go.back",
        translate("commands", "Back"),
        "arrow-left",
        P.TOOLBAR_GO | P.MENU_GO,
        go.back,
        lambda s: s.can_go_back,
        ("Alt+Left",),
    ),
    Command(
        "go.forward",
        translate("commands", "Forward"),
        "arrow-right",
        P.TOOLBAR_GO | P.MENU_GO,
        go.forward,
        lambda s: s.can_go_forward,
        ("Alt+Right",),
    ),
    Command(
        "go.up", translate("commands", "Up"), "arrow-up", P.TOOLBAR_GO | P.MENU_GO, go.up, _in_bucket, ("Alt+Up", "Backspace")
    ),
    Command(
        "go.refresh",
        translate("commands", "Refresh"),
        "refresh",
        P.TOOLBAR_GO | P.MENU_GO | P.CONTEXT_EMPTY,
        go.refresh,
        _connected,
        ("F5", "Ctrl+R"),
    ),
    Command(
        "go.stop",
        translate("commands", "Stop listing"),
        "cancel",
        P.MENU_GO,
        go.stop,
        lambda s: s.phase is Phase.LOADING,
        ("Esc",),
    ),
    Command(
        "go.location",
        translate("commands", "Edit location"),
        "link",
        P.MENU_GO,
        go.edit_location,
        shortcuts=("Ctrl+L", "Alt+D"),
        group=1,
    ),
    Command(
        "go.filter",
        translate("commands", "Filter the list"),
        "filter",
        P.MENU_GO,
        go.focus_filter,
        _connected,
        ("Ctrl+F", "/"),
        1,
    ),
    Command(
        "go.search",
        translate("commands", "Search below here…"),
        "search",
        P.TOOLBAR_FIND | P.MENU_GO | P.CONTEXT_EMPTY,
        search.begin,
        _in_bucket,
        ("Ctrl+Shift+F",),
        1,
    ),
    # Upload and new
    Command(
        "upload.files",
        translate("commands", "Upload files…"),
        "upload",
        _UPLOAD | P.CONTEXT_EMPTY,
        upload.choose_files,
        _in_bucket,
        ("Ctrl+U",),
    ),
    Command(
        "upload.folder",
        translate("commands", "Upload folder…"),
        "upload-folder",
        _UPLOAD | P.CONTEXT_EMPTY,
        upload.choose_folder,
        _in_bucket,
        ("Ctrl+Shift+U",),
    ),
    Command(
        "object.new",
        translate("commands", "New object from text…"),
        "text-object",
        _UPLOAD | P.CONTEXT_EMPTY,
        upload.new_object,
        _in_bucket,
        ("Ctrl+T",),
        1,
    ),
    Command(
        "folder.new",
        translate("commands", "New folder…"),
        "folder-plus",
        _UPLOAD | P.CONTEXT_EMPTY,
        upload.new_folder,
        _in_bucket,
        ("Ctrl+Shift+N",),
        1,
    ),
    Command(
        "list.export",
        translate("commands", "Export list…"),
        "export",
        P.MENU_FILE,
        export.run,
        lambda s: s.in_bucket and s.rows > 0,
        ("Ctrl+Shift+X",),
        8,
    ),
    Command(
        "transfers.pause",
        translate("commands", "Pause all transfers"),
        "pause",
        P.MENU_FILE,
        window.pause_transfers,
        shortcuts=("Ctrl+Shift+P",),
        group=7,
    ),
    Command(
        "transfers.resume",
        translate("commands", "Resume all transfers"),
        "play",
        P.MENU_FILE,
        window.resume_transfers,
        shortcuts=("Ctrl+Shift+R",),
        group=7,
    ),
    Command(
        "transfers.clear",
        translate("commands", "Clear finished transfers"),
        "check",
        P.MENU_FILE,
        window.clear_transfers,
        group=7,
    ),
    Command("window.close", translate("commands", "Quit"), "close", P.MENU_FILE, window.close, shortcuts=("Ctrl+Q",), group=9),
    # Objects
    Command(
        "object.open",
        translate("commands", "Open"),
        "folder-open",
        _OBJECT,
        go.open_selected,
        lambda s: s.selection.rows == 1,
        ("Return", "Enter", "Ctrl+Down"),
        in_list=True,
    ),
    Command(
        "go.reveal",
        translate("commands", "Show in its folder"),
        "folder",
        P.MENU_GO | P.CONTEXT_OBJECTS,
        go.reveal,
        lambda s: s.below and s.on_one_object,
        ("Ctrl+Alt+O",),
        1,
    ),
    Command(
        "object.download",
        translate("commands", "Download…"),
        "download",
        P.TOOLBAR | _OBJECT,
        download.run,
        _on_rows,
        ("Ctrl+Shift+D",),
        1,
    ),
    Command(
        "object.rename",
        translate("commands", "Rename…"),
        "pencil",
        _OBJECT,
        rename.run,
        lambda s: s.on_one_object,
        ("F2",),
        1,
        in_list=True,
    ),
    Command(
        "share.copy_url",
        translate("commands", "Copy public URL"),
        "link",
        _SHARE,
        links.copy_public_url,
        _on_objects,
        ("Ctrl+Shift+C",),
        3,
    ),
    Command(
        "share.presign",
        translate("commands", "Copy pre-signed URL…"),
        "link-clock",
        _SHARE,
        links.copy_presigned_url,
        _on_objects,
        ("Ctrl+Shift+L",),
        3,
    ),
    Command("share.public", translate("commands", "Make public…"), "globe", _SHARE, publish.make_public, _on_rows, group=4),
    Command("share.private", translate("commands", "Make private…"), "lock", _SHARE, publish.make_private, _on_rows, group=4),
    # Edit
    Command(
        "edit.copy",
        translate("commands", "Copy s3:// address"),
        "copy",
        P.MENU_EDIT | P.CONTEXT_OBJECTS,
        links.copy_names,
        _on_rows,
        ("Ctrl+C",),
        5,
        in_list=True,
    ),
    Command(
        "edit.copy_files",
        translate("commands", "Copy files"),
        "duplicate",
        P.MENU_EDIT | P.CONTEXT_OBJECTS,
        hand_out.copy_files,
        _on_rows,
        ("Ctrl+Alt+C",),
        5,
        in_list=True,
    ),
    Command(
        "edit.paste",
        translate("commands", "Paste files or text"),
        "clipboard",
        P.MENU_EDIT | P.CONTEXT_EMPTY,
        upload.paste,
        _in_bucket,
        ("Ctrl+V",),
    ),
    Command(
        "edit.select_all",
        translate("commands", "Select all"),
        "",
        P.MENU_EDIT | P.CONTEXT_EMPTY,
        window.select_all,
        _has_rows,
        ("Ctrl+A",),
        1,
        in_list=True,
    ),
    Command(
        "edit.invert",
        translate("commands", "Invert selection"),
        "",
        P.MENU_EDIT,
        window.invert_selection,
        _has_rows,
        ("Ctrl+Shift+I",),
        1,
    ),
    Command(
        "window.settings",
        translate("commands", "Settings…"),
        "settings",
        P.MENU_EDIT,
        window.settings,
        shortcuts=("Ctrl+,",),
        group=2,
    ),
    # View
    Command(
        "view.sidebar", translate("commands", "Sidebar"), "panel-left", P.MENU_VIEW, window.toggle("sidebar"), shortcuts=("F9",)
    ),
    Command(
        "view.flat",
        translate("commands", "Show everything below"),
        "flat",
        P.MENU_VIEW | P.CONTEXT_EMPTY,
        search.flat,
        _in_bucket,
        ("Ctrl+Shift+E",),
        1,
        checked=lambda s: s.flat,
    ),
    Command(
        "view.inspector",
        translate("commands", "Inspector and preview"),
        "panel-right",
        P.MENU_VIEW | P.TOOLBAR,
        window.toggle("inspector"),
        shortcuts=("F4",),
        group=9,
    ),
    Command(
        "view.preview",
        translate("commands", "Preview"),
        "eye",
        P.MENU_VIEW | P.CONTEXT_OBJECTS,
        window.toggle("preview"),
        _on_objects,
        ("Space",),
        5,
        in_list=True,
    ),
    Command(
        "view.storage",
        translate("commands", "Storage view"),
        "storage",
        P.MENU_VIEW | P.CONTEXT_OBJECTS | P.CONTEXT_EMPTY,
        measure.storage_view,
        _can_measure,
        ("Ctrl+Shift+S",),
        7,
    ),
    Command(
        "object.measure",
        translate("commands", "Calculate size"),
        "sum",
        P.MENU_OBJECT | P.CONTEXT_OBJECTS | P.CONTEXT_EMPTY,
        measure.calculate,
        _can_measure,
        ("Alt+Shift+Return", "Alt+Shift+Enter"),
        7,
    ),
    Command(
        "view.transfers",
        translate("commands", "Transfers"),
        "panel-bottom",
        P.MENU_VIEW,
        window.toggle("transfers"),
        shortcuts=("Ctrl+0",),
    ),
    # Last in every menu, far from the others
    Command(
        "object.delete",
        translate("commands", "Delete…"),
        "delete",
        P.TOOLBAR | _OBJECT,
        delete.run,
        _on_rows,
        ("Delete", "Ctrl+Backspace"),
        8,
        in_list=True,
    ),
    # Help
    Command(
        "help.shortcuts",
        translate("commands", "Keyboard shortcuts"),
        "info",
        P.MENU_HELP,
        window.shortcuts,
        shortcuts=("F1", "Ctrl+?"),
    ),
    Command("help.log", translate("commands", "Open log folder"), "folder-open", P.MENU_HELP, window.open_log),
    Command("help.about", translate("commands", "About Cloud Temple Browser"), "info", P.MENU_HELP, window.about, group=1),
)
