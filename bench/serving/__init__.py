"""Requests per second, latency, memory and start of our scoring server beside other model servers.

    sudo apt-get install wrk          # the load generator; taskset comes with util-linux
    python -m bench.serving --save    # everything, measured anew
    python -m bench.serving --table   # the newest saved result as Markdown

All servers score the same rows by the same fitted churn model, one worker each; each lives in an environment of its
own, made by uv from a file in `requirements/` and kept below `~/.cache/workbench/bench`. Ours runs as in its image:
keys, schema and access log on, locked dependencies, nothing else. `constant` is the web server that ours stands on,
answering the same number of bytes without a look at the input: what is left to gain. `*_batching` gathers requests of
several clients into one call of the model, where a server offers that; it is off unless asked for, as in its own
defaults. `mlflow` checks requests against the model's signature, as MLflow advises; `mlflow_unchecked` has none.

How it is measured. Servers run one at a time on core 0, wrk and this program on core 1. A round starts each server
anew, in an order that changes, compares the probabilities of all batches with scikit-learn's own (from 16 clients at
once), warms up, and measures 1 and 100 rows a request from 1 and 16 keep-alive clients, the batches in turn. Numbers
are medians over rounds.

How to read it. `ratios` are ours / theirs in requests per second at 1 row and 16 clients, for `constant` constant /
ours: how many times slower we are than a server that does nothing. `p99_ratios` are theirs / ours in the same cell:
how many times longer their slowest hundredth waits. `spread` is the slowest and the fastest round, `core_taken` the
share of the server's core that others used while it was under load (interrupts count too): where one is wide or the
other far from 0, the machine was busy with something else; measure again. `load_generator_busy` is the share of its
core that wrk used: near 1 it was wrk that was measured. `start_seconds` goes from exec to the first right answer,
files in the page cache and compiled; `memory_mib` is the proportional set size of the process tree after load;
`environment_mib` the installed files without `__pycache__`.
"""
