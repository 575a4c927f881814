"""``python -m cloudtemple_browser``."""

import sys

from cloudtemple_browser.bootstrap import main

if __name__ == "__main__":
    sys.exit(main())
