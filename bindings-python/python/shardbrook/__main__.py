"""`python -m shardbrook serve`: the program `shardbrook`, with all its options."""

import signal
import sys

from ._native import run_program

if __name__ == "__main__":
    # The program has its own handler; Python's would raise KeyboardInterrupt when it is over.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(not run_program(["shardbrook", *sys.argv[1:]]))
