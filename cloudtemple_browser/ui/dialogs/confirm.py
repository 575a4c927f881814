"""The questions before something is deleted, published, replaced or forgotten."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from cloudtemple_browser.app.opening import Opening
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.text import Count, Size, translate
from cloudtemple_browser.ui.dialogs.base import Dialog
from cloudtemple_browser.ui.i18n import say

_SHOWN = 10  # names


def _objects(n: int) -> Count:
    return Count(n, translate("dialogs", "{n} object"), translate("dialogs", "{n} objects"))


class DeleteDialog(Dialog[bool]):
    """Says exactly what is deleted; Cancel is the default."""

    def __init__(self, parent: QWidget | None, plan: DeletePlan) -> None:
        count = len(plan.keys)
        super().__init__(parent, translate("dialogs", "Delete"))
        self.heading(
            translate("dialogs", "Delete {objects} ({size}) from {bucket}?")(
                objects=_objects(count), size=Size(plan.bytes), bucket=plan.bucket
            ),
            "delete",
            "danger",
        )
        if plan.folders:
            folders = Count(len(plan.folders), translate("dialogs", "{n} folder"), translate("dialogs", "{n} folders"))
            self.say_line(translate("dialogs", "With everything in {folders}, counted just now.")(folders=folders))
        names = plan.keys[:_SHOWN] if plan.keys else plan.folders[:_SHOWN]
        self.name_list(names, max(count, len(names)))
        self.say_line(
            translate(
                "dialogs", "This cannot be undone here. Only a versioned bucket keeps the older versions of what is deleted."
            )
        )
        verb = translate("dialogs", "Delete {objects}")(objects=_objects(count))
        self.buttons(verb, dangerous=True).clicked.connect(lambda: self.give(True))


class PublicDialog(Dialog[bool]):
    """Warns what public means."""

    def __init__(self, parent: QWidget | None, keys: tuple[str, ...], *, public: bool) -> None:
        super().__init__(parent, translate("dialogs", "Make public") if public else translate("dialogs", "Make private"))
        objects = _objects(len(keys))
        if public:
            self.heading(translate("dialogs", "Make {objects} public?")(objects=objects), "globe", "warning")
            self.say_line(
                translate("dialogs", "Anyone who has the URL can read, without a key and without a trace of who it was.")
            )
            self.say_line(
                translate(
                    "dialogs",
                    "The bucket’s address rules still apply: from an address that they do not allow, the URL stays closed.",
                )
            )
        else:
            self.heading(translate("dialogs", "Make {objects} private?")(objects=objects), "lock", "accent")
            self.say_line(
                translate("dialogs", "Public URLs stop working; copies that others made, and pre-signed URLs, do not.")
            )
        self.name_list(keys[:_SHOWN], len(keys))
        verb = translate("dialogs", "Make public") if public else translate("dialogs", "Make private")
        self.buttons(verb, dangerous=public, destroys=False).clicked.connect(lambda: self.give(True))


class ForgetConnectionDialog(Dialog[bool]):
    """Confirms that a connection is deleted here."""

    def __init__(self, parent: QWidget | None, connection: Connection) -> None:
        super().__init__(parent, translate("dialogs", "Delete connection"))
        self.heading(translate("dialogs", "Delete the connection {name}?")(name=connection.name), "delete", "danger")
        self.say_line(
            translate(
                "dialogs", "The connection and its secret key are forgotten on this computer. Nothing in the store changes."
            )
        )
        self.buttons(translate("dialogs", "Delete connection"), dangerous=True).clicked.connect(lambda: self.give(True))


class ReplaceDialog(Dialog[bool]):
    """Asks before an existing object is replaced by typed text or a new folder marker."""

    def __init__(self, parent: QWidget | None, name: str) -> None:
        super().__init__(parent, translate("dialogs", "Replace"))
        self.heading(translate("dialogs", "Replace {name}?")(name=name), "warning", "warning")
        self.say_line(translate("dialogs", "An object of this name already exists. Its contents would be replaced."))
        self.buttons(translate("dialogs", "Replace"), dangerous=True).clicked.connect(lambda: self.give(True))


class OpenDialog(Dialog[bool]):
    """Asks before a downloaded file is opened that may run something, and says what it is, whatever its name looks like."""

    def __init__(self, parent: QWidget | None, opening: Opening) -> None:
        super().__init__(parent, translate("dialogs", "Open a program or shortcut"))
        if opening.extension:
            text = translate("dialogs", "This file really ends in {extension}. Open it?")(extension=opening.extension)
        else:
            text = translate("dialogs", "This file has no extension, but runs as a program. Open it?")
        self.heading(text, "warning", "warning")
        self.name_list((opening.path.name,), 1)
        self.say_line(translate("dialogs", "Opening it may run a program, which can do everything that you can do here."))
        self.say_line(translate("dialogs", "Open it only if you trust those who can write to the bucket that it came from."))
        self.buttons(translate("dialogs", "Open"), dangerous=True).clicked.connect(lambda: self.give(True))


class DeleteBucketDialog(Dialog[bool]):
    """Asks to type the bucket's name."""

    def __init__(self, parent: QWidget | None, bucket: str) -> None:
        super().__init__(parent, translate("dialogs", "Delete bucket"))
        self.heading(translate("dialogs", "Delete the bucket {name}?")(name=bucket), "delete", "danger")
        self.say_line(translate("dialogs", "Only an empty bucket can be deleted. Somebody else may then take its name."))
        self.say_line(translate("dialogs", "Type the name of the bucket to confirm:"))
        self.field = QLineEdit(self)
        self.field.setAccessibleName(say(translate("dialogs", "Name of the bucket")))
        self.column.addWidget(self.field)
        act = self.buttons(translate("dialogs", "Delete bucket"), dangerous=True)
        act.setEnabled(False)
        self.field.textChanged.connect(lambda text: act.setEnabled(text == bucket))
        act.clicked.connect(lambda: self.give(True))
        self.field.setFocus()


class CancelTransfersDialog(Dialog[bool]):
    """Confirms that several transfers are cancelled: that cannot be taken back, as a pause can."""

    def __init__(self, parent: QWidget | None, count: int) -> None:
        super().__init__(parent, translate("dialogs", "Cancel transfers"))
        self.heading(translate("dialogs", "Cancel {n} transfers?")(n=count), "cancel", "warning")
        self.say_line(translate("dialogs", "They cannot be taken up again, and what was sent of them is removed."))
        self.say_line(translate("dialogs", "What is done stays. To go on later, pause them instead."))
        act = self.buttons(
            translate("dialogs", "Cancel transfers"), dangerous=True, refusal=translate("dialogs", "Keep running")
        )
        act.clicked.connect(lambda: self.give(True))


class QuitDialog(Dialog[bool]):
    """Asks before the program ends while transfers run; ``resume``: they go on by themselves at the next start."""

    def __init__(self, parent: QWidget | None, count: int, *, resume: bool = True) -> None:
        super().__init__(parent, translate("dialogs", "Quit"))
        one, many = (
            translate("dialogs", "{n} transfer is still running"),
            translate("dialogs", "{n} transfers are still running"),
        )
        self.heading(translate("dialogs", "{sentence}")(sentence=Count(count, one, many)), "info")
        if resume:
            self.say_line(translate("dialogs", "What is not done goes on where it was when you start the program again."))
        else:
            self.say_line(translate("dialogs", "What is not done waits, paused, until you start the program again."))
        act = self.buttons(translate("dialogs", "Quit"), refusal=translate("dialogs", "Keep running"))
        act.clicked.connect(lambda: self.give(True))
