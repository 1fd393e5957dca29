"""Run the findings about some frameworks, in an environment that has them, and keep what they print.

    python validation/findings/run.py FRAMEWORK [FRAMEWORK ...]

Needs the framework and mpmath.
"""

import subprocess
import sys
from pathlib import Path


def main(frameworks: list[str]) -> None:
    """Run the findings whose names begin with one of the frameworks'."""
    for script in sorted(Path(__file__).parent.glob("*-*.py")):
        if script.name.partition("-")[0] in frameworks:
            done = subprocess.run(  # noqa: S603  our own scripts
                [sys.executable, "-W", "ignore", script.name],
                cwd=script.parent,
                check=True,
                capture_output=True,
                text=True,
            )
            script.with_suffix(".txt").write_text(done.stdout, encoding="utf-8")
            print(script.stem)


if __name__ == "__main__":
    main(sys.argv[1:])
