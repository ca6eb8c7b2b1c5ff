"""``python -m egovframe``."""

from egovframe.cli import main

if __name__ == "__main__":
    main()
