from pymoo.core.algorithm import Algorithm
from pymoo.core.problem import Problem
from pymoo.core.result import Result
from pymoo.optimize import minimize


def search(problem: Problem, algorithm: Algorithm, termination, seed: int = 1, **options) -> Result:
    """`minimize` with a seed."""
    return minimize(problem, algorithm, termination, seed=seed, **options)
