"""`python -m shardbrook serve`: the program `shardbrook`, with all its options."""

import sys

from ._native import run_program

sys.exit(not run_program(["shardbrook", *sys.argv[1:]]))
