"""``python -m cloudtemple_browser``."""

import sys


def main() -> int:
    """Run the program, or, in a frozen build that starts itself for it, one of its other processes."""
    if sys.argv[1:] == ["--demo-child"]:
        from cloudtemple_browser.demo import child

        return child.main()
    if sys.argv[1:] == ["--engine-child"]:
        from cloudtemple_browser.workers import child as engine

        return engine.main()
    if sys.argv[1:] == ["--picture-child"]:
        from cloudtemple_browser.ui import images

        return images.main()

    from cloudtemple_browser import bootstrap

    return bootstrap.main()


if __name__ == "__main__":
    sys.exit(main())
