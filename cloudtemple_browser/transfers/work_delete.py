"""The deletion of one batch of keys, in an engine process: the XML of a thousand keys costs more time than the request."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from dataclasses import dataclass

from cloudtemple_browser.model.control import CallControl
from cloudtemple_browser.model.deletion import DeleteResult, KeyFailure
from cloudtemple_browser.model.traits import Trait
from cloudtemple_browser.transfers.ports import ByteStore

_LAST_WORD = 2.0  # seconds that the store has after a cancel to answer what it was asked before


@dataclass(frozen=True, slots=True)
class KeysDeleted:
    """What became of keys: those that ``failed``, were ``left`` after a cancel, or are ``silent``; all others are gone.

    The store did not answer for the ``silent`` ones: they are gone, or may still go.
    """

    failed: tuple[KeyFailure, ...] = ()
    left: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeleteKeys:
    """Delete exactly these keys, once. A cancelled one asks for nothing more, and does not wait for a silent store."""

    bucket: str
    keys: tuple[str, ...]

    def run(self, store: ByteStore, control: CallControl) -> KeysDeleted:
        """See ``Work``. A cancel does not raise: what was done until then is the result."""
        failed: list[KeyFailure] = []
        count = 1 if Trait.ONE_BY_ONE in store.learnt else max(1, len(self.keys))
        for at in range(0, len(self.keys), count):
            keys, behind = self.keys[at : at + count], self.keys[at + count :]
            if control.cancelled:
                return KeysDeleted(tuple(failed), (*keys, *behind))
            answer = _answer(store, self.bucket, keys, control)
            if answer is None:
                return KeysDeleted(tuple(failed), behind, keys)
            failed += answer.failed
        return KeysDeleted(tuple(failed))


def _answer(store: ByteStore, bucket: str, keys: tuple[str, ...], control: CallControl) -> DeleteResult | None:
    """What ``delete_objects`` returns; None when that does not come soon after a cancel.

    The call knows no cancel, so it has a thread of its own, which is left to itself then.
    """
    answer: Future[DeleteResult] = Future()
    answered_or_cancelled = threading.Event()

    def ask() -> None:
        try:
            answer.set_result(store.delete_objects(bucket, keys))
        except BaseException as error:  # noqa: BLE001 - raised where somebody waits for it
            answer.set_exception(error)
        answered_or_cancelled.set()

    take_back = control.on_cancel(answered_or_cancelled.set)
    threading.Thread(target=ask, name="deletion", daemon=True).start()
    answered_or_cancelled.wait()
    take_back()
    done, _ = wait((answer,), _LAST_WORD)
    return answer.result() if done else None
