"""The panel beside the list: the selected object's preview, facts, readers and versions. Loads only when shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFontDatabase, QImage, QPixmap, QResizeEvent, QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QScrollArea, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from cloudtemple_browser.app.application import Application
from cloudtemple_browser.app.commands.preview import IMAGES, Facts, Preview, PreviewKind, load_facts, load_preview
from cloudtemple_browser.app.commands.versions import load_versions
from cloudtemple_browser.app.ports import Store
from cloudtemple_browser.model.addresses import Location, ObjectRef, base_name
from cloudtemple_browser.model.content_types import content_type_of
from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.entries import ObjectEntry
from cloudtemple_browser.model.errors import BrowserError, Cancelled
from cloudtemple_browser.model.explanations import explain
from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.ui.i18n import exact_moment_text, exact_size_text, say
from cloudtemple_browser.ui.pictures import Pictures
from cloudtemple_browser.ui.text import breakable, label, set_tone, visible, visible_lines
from cloudtemple_browser.ui.views.measured import SizeSection
from cloudtemple_browser.ui.views.versions_tab import VersionsTab

_MAX_LINES = 8  # of a value; more are scrolled
_DELAY = 150  # milliseconds: moving through the list with the arrow keys asks for nothing


class Inspector(QWidget):
    """Shows the one selected object. GUI thread; the store's answers come through coroutines."""

    def __init__(self, app: Application, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app = app
        self._entry: ObjectEntry | None = None
        self._ref: ObjectRef | None = None
        self._control = CallControl()
        self._pictures = Pictures()
        self.setObjectName("inspector")
        self.setMinimumWidth(220)
        self._title = _FullText("", say(translate("inspector", "Name")), self)
        self._title.setObjectName("inspector-title")
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._subtitle = label(wrap=True)
        set_tone(self._subtitle, "muted")
        self.sizes = SizeSection(app, self)
        self._tabs = QTabWidget(self)
        self._tabs.setDocumentMode(True)
        self._preview = PreviewPane(self)
        self._facts, self._access = _Rows(self), _Rows(self)
        self._versions = VersionsTab(self)
        self._tabs.addTab(self._preview, say(translate("inspector", "Preview")))
        self._tabs.addTab(self._facts, say(translate("inspector", "Details")))
        self._tabs.addTab(self._access, say(translate("inspector", "Access")))
        self._tabs.addTab(self._versions, say(translate("inspector", "Versions")))
        self._tabs.currentChanged.connect(lambda _index: self._load_soon())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(4)
        layout.addWidget(self._title)
        layout.addWidget(self._subtitle)
        layout.addWidget(self.sizes)
        layout.addSpacing(4)
        layout.addWidget(self._tabs, 1)
        layout.addStretch(0)
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self._load)
        self.show_selection(None, None, 0, 0)

    def release(self) -> None:
        """Stop loading: the window is closed."""
        self._timer.stop()
        self._control.cancel()
        self._pictures.close()
        self.sizes.release()

    def show_selection(self, ref: ObjectRef | None, entry: ObjectEntry | None, rows: int, size: int | None) -> None:
        """Show one object, or how much is selected; ``size`` is None when only folders are."""
        if ref is not None and ref == self._ref and entry == self._entry:
            return
        self._control.cancel()
        self._ref, self._entry = ref, entry
        self._subtitle.show()
        self._tabs.setVisible(ref is not None)
        self.sizes.follow()
        if ref and entry:
            self._title.setPlainText(visible(ref.name or ref.key))
            kind = content_type_of(ref.key).partition(";")[0]
            self._subtitle.setText(say(translate("inspector", "{size} · {type}")(size=Size(entry.size), type=kind)))
            for tab in (self._preview, self._facts, self._access, self._versions):
                tab.clear()
            self._load_soon()
            return
        if rows:
            items = Count(rows, translate("inspector", "{n} item selected"), translate("inspector", "{n} items selected"))
            self._title.setPlainText(say(items))
            self._subtitle.setText("" if size is None else say(Size(size)))
            self._subtitle.setVisible(self.sizes.scope is None)  # else it says how much
        else:
            self._title.setPlainText(say(translate("inspector", "Nothing selected")))
            self._subtitle.setText(say(translate("inspector", "Select an object to see its contents and details.")))

    def show_tab(self, index: int) -> None:
        """Bring a tab to the front: 0 preview, 1 details, 2 access, 3 versions."""
        self._tabs.setCurrentIndex(index)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._load_soon()

    def _load_soon(self) -> None:
        if self._ref is not None and self.isVisible():
            self._timer.start()

    def _load(self) -> None:
        ref, location = self._ref, self._app.state.location
        if ref is None or location is None or not self.isVisible():
            return
        self._control.cancel()
        self._control = control = CallControl()
        loaders = (self._load_preview, self._load_facts, self._load_access, self._load_versions)
        work = loaders[self._tabs.currentIndex()]
        self._app.background.spawn(self._guarded(work(ref, location, control), control))

    async def _guarded(self, work: Awaitable[None], control: CallControl) -> None:
        try:
            await work
        except (Cancelled, asyncio.CancelledError):
            return
        except BrowserError as error:
            if not control.cancelled:
                words = explain(error)
                text = f"{say(words.what)}\n\n{say(words.why)}\n\n{say(words.todo)}"
                tabs = (self._preview, self._facts, self._access, self._versions)
                tabs[self._tabs.currentIndex()].show_message(text)

    async def _store(self, location: Location) -> Store:
        return await self._app.background.call(self._app.accounts.stores.get, location.connection_id)

    async def _load_preview(self, ref: ObjectRef, location: Location, control: CallControl) -> None:
        if self._preview.loaded == ref:
            return
        self._preview.show_message(say(translate("inspector", "Loading…")))
        if content_type_of(ref.key) in IMAGES:
            self._app.background.spawn(self._app.background.call(self._pictures.warm_up))
        store = await self._store(location)
        found = await self._app.background.call(load_preview, store, ref, control)
        image = None
        if found.kind is PreviewKind.IMAGE and not control.cancelled:
            image = await self._app.background.call(self._pictures.decode, found.body)
        if not control.cancelled:
            self._preview.show_preview(ref, found, image)

    async def _load_facts(self, ref: ObjectRef, location: Location, control: CallControl) -> None:
        store = await self._store(location)
        info = await self._app.background.call(store.head_object, ref)
        if control.cancelled:
            return
        self._facts.show_rows(
            (
                (translate("inspector", "Key"), ref.key),
                (translate("inspector", "Size"), exact_size_text(info.size)),
                (translate("inspector", "Modified"), exact_moment_text(info.modified)),
                (translate("inspector", "Content-Type"), info.content_type),
                (translate("inspector", "ETag"), info.etag),
                (translate("inspector", "Storage class"), info.storage_class),
                (translate("inspector", "Version id"), info.version_id),
                *((translate("inspector", "{name}")(name=name), value) for name, value in info.headers),
                *((translate("inspector", "Metadata: {name}")(name=name), value) for name, value in info.metadata),
            )
        )

    async def _load_access(self, ref: ObjectRef, location: Location, control: CallControl) -> None:
        store = await self._store(location)
        facts: Facts = await self._app.background.call(load_facts, store, ref)
        if control.cancelled:
            return
        self._app.public_known(location, {ref.key: facts.acl.public})
        public = translate("inspector", "Public: anyone with the URL can read")
        private = translate("inspector", "Private")
        grants = (
            (translate("inspector", "{who}")(who=_who(g.grantee, g.display_name)), g.permission) for g in facts.acl.grants
        )
        self._access.show_rows(
            (
                (translate("inspector", "State"), say(public if facts.acl.public else private)),
                (translate("inspector", "Owner"), facts.acl.owner),
                *grants,
                (translate("inspector", "Public URL"), facts.url),
            )
        )

    async def _load_versions(self, ref: ObjectRef, location: Location, control: CallControl) -> None:
        self._versions.show_message(say(translate("inspector", "Loading…")))
        store = await self._store(location)
        found = await self._app.background.call(load_versions, store, ref, control)
        if not control.cancelled:
            self._versions.show_versions(found)


def _who(grantee: str, name: str) -> str:
    return name or base_name(grantee)


class _Rows(QScrollArea):
    """Label and value, line by line; values can be selected and copied."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    def clear(self) -> None:
        self.setWidget(QWidget())

    def show_message(self, text: str) -> None:
        inner = QWidget()
        layout = QVBoxLayout(inner)
        layout.addWidget(label(visible_lines(text), wrap=True, selectable=True))
        layout.addStretch(1)
        self.setWidget(inner)

    def show_rows(self, rows: tuple[tuple[Text, str], ...]) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(0)
        for name, value in rows:
            if value:
                caption = label(breakable(visible(say(name))), wrap=True)
                set_tone(caption, "muted")
                text = _FullText(visible(value), visible(say(name)), inner)
                caption.setBuddy(text)
                column.addWidget(caption)
                column.addWidget(text)
                column.addSpacing(8)
        column.addStretch(1)
        self.setWidget(inner)


class _FullText(QPlainTextEdit):
    """A value in full, broken anywhere: a name of a thousand letters takes lines and never widens the window."""

    def __init__(self, text: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("plain", True)
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setTabChangesFocus(True)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setAccessibleName(name)
        self.textChanged.connect(self._fit)
        self.setPlainText(text)

    def _fit(self) -> None:
        lines = min(_MAX_LINES, max(1, round(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class PreviewPane(QStackedWidget):
    """Text, a picture, or a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loaded: ObjectRef | None = None
        self._image = QImage()
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(say(translate("inspector", "Preview of the text")))
        self.text.setTabChangesFocus(True)
        self._note = label(wrap=True)
        text_page = QWidget(self)
        column = QVBoxLayout(text_page)
        column.setContentsMargins(0, 4, 0, 0)
        column.addWidget(self.text, 1)
        column.addWidget(self._note)
        set_tone(self._note, "muted")
        self.picture = label(parent=self)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setMinimumSize(QSize(1, 1))
        self.picture.setAccessibleName(say(translate("inspector", "Preview of the picture")))
        self._message = label(wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._message.setContentsMargins(0, 8, 0, 8)
        for page in (text_page, self.picture, self._message):
            self.addWidget(page)
        self._text_page = text_page

    def clear(self) -> None:
        self.loaded = None
        self._image = QImage()
        self.show_message("")

    def show_message(self, text: str) -> None:
        """Show a sentence."""
        self._message.setText(visible_lines(text))
        self.setCurrentWidget(self._message)

    def show_preview(self, ref: ObjectRef, found: Preview, image: QImage | None) -> None:
        """Show what was read of an object."""
        self.loaded = ref
        if found.kind is PreviewKind.TEXT:
            self.text.setPlainText(found.text)
            self._note.setText(say(found.note) if found.note else "")
            self._note.setVisible(found.note is not None)
            self.setCurrentWidget(self._text_page)
        elif found.kind is PreviewKind.IMAGE and image is not None and not image.isNull():
            self._image = image
            self.setCurrentWidget(self.picture)
            self._scale()
        elif found.kind is PreviewKind.IMAGE:
            self.show_message(say(translate("inspector", "This picture cannot be shown: it is damaged or too large.")))
        else:
            self.show_message(say(found.note) if found.note else "")

    def _scale(self) -> None:
        if self._image.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = self.picture.size() * ratio
        fitted = QPixmap.fromImage(self._image)
        if fitted.width() > room.width() or fitted.height() > room.height():
            fitted = fitted.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        fitted.setDevicePixelRatio(ratio)
        self.picture.setPixmap(fitted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scale()
