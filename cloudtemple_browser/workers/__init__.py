"""Engine processes: what would take the interpreter from the window's thread runs in them, and they leave with the window."""
