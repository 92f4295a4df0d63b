"""Which web server, decoder and validation the scoring server should stand on: candidates side by side.

    python -m bench.choices          # progress on stderr, markdown tables on stdout

docs/serving.md holds the tables of one run and what was chosen.
"""
