#!/usr/bin/env python3
"""Make idp_cdi/data/wordings.json from the languages' files, so that they need not be parsed.

    scripts/make_wordings.py [--check]

Run it after a change in idp_cdi/data/languages; --check writes nothing and fails when the file is
not what the script would make. A stale file is not used, but each start is then slower.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from idp_cdi.extractors._wordings import MADE, as_json, languages  # noqa: E402

TARGET = ROOT / "idp_cdi" / "data" / MADE


def main() -> int:
    """Write the file, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    text = as_json(languages())
    if parser.parse_args().check:
        return int(not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
