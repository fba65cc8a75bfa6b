"""Run with: python -m shelvery_emulator --port 0"""

from .server import main

if __name__ == "__main__":
    main()
