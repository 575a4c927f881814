"""L3: the window. The only importer of PySide6; qasync only in ``event_loop``."""
