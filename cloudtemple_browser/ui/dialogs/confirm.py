"""The questions before something is deleted, published, replaced or forgotten."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QLineEdit, QRadioButton, QWidget

from cloudtemple_browser.app.shell import UploadAnswer, UploadQuestion
from cloudtemple_browser.model.connections import Connection
from cloudtemple_browser.model.deletion import DeletePlan
from cloudtemple_browser.model.text import Count, Size, Text, translate
from cloudtemple_browser.transfers.job import ConflictPolicy
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


_POLICIES: tuple[tuple[ConflictPolicy, Text], ...] = (
    (ConflictPolicy.SKIP, translate("dialogs", "Skip what exists")),
    (ConflictPolicy.KEEP_BOTH, translate("dialogs", "Keep both: the new one gets a number, like name (2).txt")),
    (ConflictPolicy.OVERWRITE, translate("dialogs", "Overwrite what exists")),
)


class _Conflicts(QButtonGroup):
    """Radio buttons for a policy; the safe one is chosen first."""

    def __init__(self, dialog: Dialog[object]) -> None:
        super().__init__(dialog)
        for at, (policy, words) in enumerate(_POLICIES):
            button = QRadioButton(say(words), dialog)
            button.setObjectName(policy.value)
            button.setChecked(at == 0)
            dialog.column.addWidget(button)
            self.addButton(button, at)

    @property
    def policy(self) -> ConflictPolicy:
        return _POLICIES[self.checkedId()][0]


class UploadDialog(Dialog[UploadAnswer]):
    """Where to, public or not, and what happens to names that exist."""

    def __init__(self, parent: QWidget | None, question: UploadQuestion) -> None:
        super().__init__(parent, translate("dialogs", "Upload"))
        count = len(question.paths)
        items = Count(count, translate("dialogs", "{n} item"), translate("dialogs", "{n} items"))
        where = str(question.target)
        self.heading(translate("dialogs", "Upload {items} to {where}?")(items=items, where=where), "upload")
        self.name_list(tuple(path.name or str(path) for path in question.paths[:_SHOWN]), count)
        conflicts: _Conflicts | None = None
        if question.conflicts:
            n = len(question.conflicts)
            names = ", ".join(question.conflicts[:3]) + ("…" if n > 3 else "")
            one = translate("dialogs", "One of them already exists there: {names}")
            many = translate("dialogs", "{n} of them already exist there: {names}")
            self.say_line(translate("dialogs", "{sentence}")(sentence=(one if n == 1 else many)(n=n, names=names)))
            conflicts = _Conflicts(self)  # type: ignore[arg-type]
        self.public = QCheckBox(say(translate("dialogs", "Public: anyone with the URL can read")), self)
        self.public.setObjectName("public")
        self.column.addWidget(self.public)
        act = self.buttons(translate("dialogs", "Upload"))
        act.clicked.connect(
            lambda: self.give(
                UploadAnswer(self.public.isChecked(), conflicts.policy if conflicts else ConflictPolicy.OVERWRITE)
            )
        )


class LocalConflictDialog(Dialog[ConflictPolicy]):
    """What happens to local files that a download meets."""

    def __init__(self, parent: QWidget | None, names: tuple[str, ...], folder: Path) -> None:
        super().__init__(parent, translate("dialogs", "Download"))
        n = len(names)
        one = translate("dialogs", "{n} file or folder of this name already exists in {folder}")
        many = translate("dialogs", "{n} files or folders of these names already exist in {folder}")
        self.heading((one if n == 1 else many)(n=n, folder=str(folder)), "warning", "warning")
        self.name_list(names[:_SHOWN], n)
        conflicts = _Conflicts(self)  # type: ignore[arg-type]
        act = self.buttons(translate("dialogs", "Download"))
        act.clicked.connect(lambda: self.give(conflicts.policy))


class QuitDialog(Dialog[bool]):
    """Asks before transfers are cancelled by the program's end."""

    def __init__(self, parent: QWidget | None, count: int) -> None:
        super().__init__(parent, translate("dialogs", "Quit"))
        one, many = (
            translate("dialogs", "{n} transfer is still running"),
            translate("dialogs", "{n} transfers are still running"),
        )
        self.heading(translate("dialogs", "{sentence}")(sentence=Count(count, one, many)), "warning", "warning")
        self.say_line(translate("dialogs", "Quitting cancels them. Nothing incomplete is kept, here or in the store."))
        self.buttons(translate("dialogs", "Quit and cancel them"), dangerous=True).clicked.connect(lambda: self.give(True))
