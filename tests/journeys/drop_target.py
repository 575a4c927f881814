"""A window of another program at the place that is given: tells what is dragged over it and dropped on it, a line for each."""

from __future__ import annotations

import sys

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Accepts files, as a file manager does."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        print("shown", flush=True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()
        print("over", flush=True)

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        print(f"actions {event.possibleActions().name}", flush=True)
        for url in event.mimeData().urls():
            print(f"file {url.toLocalFile()}", flush=True)
        print("dropped", flush=True)


app = QApplication(sys.argv)
target = Target()
target.setAcceptDrops(True)
target.setWindowFlags(Qt.WindowType.FramelessWindowHint | Qt.WindowType.X11BypassWindowManagerHint)
target.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 120, 120)
target.show()
target.raise_()
app.exec()
