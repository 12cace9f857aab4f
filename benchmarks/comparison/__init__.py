"""The published comparison of algorithms.

`run` makes the runs, which takes many hours and can be interrupted; `results` keeps what is known of them in
``benchmarks/results/``, from which `report` makes the page.
"""
