"""``python -m stgref`` is the command ``stgref``."""

import sys

from stgref.cli import main

if __name__ == "__main__":
    sys.exit(main())
