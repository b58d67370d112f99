"""`make bench`: what the operations of a login cost, beside their aims."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

# The databases and servers that the tests start are what is measured here: `support` is theirs.
sys.path.append(str(ROOT / "tests"))
