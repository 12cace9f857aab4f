"""``python -m pymoo_moss`` is ``pymoo-moss``."""

from .cli import main

if __name__ == "__main__":
    main()
