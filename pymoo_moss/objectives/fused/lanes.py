"""A vector type for numba: sixteen masks side by side, one in each lane.

Compiled loops over the plane then read as if they handled one mask, while every operation is one instruction
(AVX-512) or a few (AVX2, NEON) for all sixteen. Masks never mix, so a mask's result does not depend on its
neighbours, and vectorisation does not depend on the compiler's analysis.

In compiled functions ``read(array, i)`` and ``load(array, i)`` give one element and sixteen consecutive ones,
and ``store(array, i, lanes)`` writes sixteen. Lanes add and multiply with lanes and scalars, with fused
multiply-adds where the machine has them, and divide scalars. Indices are unchecked and must not be negative.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.imputils import lower_builtin
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, models, register_model

from .compiling import compiled

WIDTH = 16
"""Masks that are evaluated side by side."""

_FLOATS = ir.VectorType(ir.FloatType(), WIDTH)
_INTEGERS = ir.VectorType(ir.IntType(32), WIDTH)
_ALIGNMENT = 4
"""Alignment of loads and stores in bytes: an array of float32 need not begin at a vector's boundary."""

_MANTISSA_BITS = 23
_MANTISSA = 0x007FFFFF
_ONE = 0x3F800000
_SQRT_HALF = 0x3F3504F3


class _LanesType(types.Type):
    """Type of lanes of one kind of number."""

    def __init__(self, name: str, vector: ir.VectorType) -> None:
        super().__init__(name)
        self.vector = vector


FLOATS = _LanesType("float32_lanes", _FLOATS)
INTEGERS = _LanesType("int32_lanes", _INTEGERS)


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: _LanesType) -> None:
        super().__init__(manager, kind, kind.vector)


def _constant(vector: ir.VectorType, value: float) -> ir.Constant:
    return ir.Constant(vector, [value] * WIDTH)


def _broadcast(builder: Any, scalar: Any) -> Any:
    undefined = ir.Constant(_FLOATS, ir.Undefined)
    zero = ir.Constant(ir.IntType(32), 0)
    first = builder.insert_element(undefined, scalar, zero)
    return builder.shuffle_vector(first, undefined, _constant(_INTEGERS, 0))


def element(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """Return a pointer to an array's element, without numba's check for negative indices."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


def load_vector(builder: Any, pointer: Any, count: int) -> Any:
    """Load consecutive elements, from the one that a pointer points to."""
    vector = ir.VectorType(pointer.type.pointee, count)
    loaded = builder.load(builder.bitcast(pointer, vector.as_pointer()))
    loaded.align = _ALIGNMENT
    return loaded


def store_vector(builder: Any, pointer: Any, vector: Any) -> None:
    """Store a vector in consecutive elements, from the one that a pointer points to."""
    builder.store(vector, builder.bitcast(pointer, vector.type.as_pointer())).align = _ALIGNMENT


@intrinsic
def read(typing: Any, array: Any, index: Any) -> Any:
    """Read the element of a one-dimensional array at an index."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return builder.load(element(context, builder, kinds.args[0], *values))

    return array.dtype(array, types.intp), generate


@intrinsic
def load(typing: Any, array: Any, index: Any) -> Any:
    """Load sixteen consecutive elements of a one-dimensional array of float32 or int32, from an index on."""
    lanes = FLOATS if array.dtype == types.float32 else INTEGERS

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return load_vector(builder, element(context, builder, kinds.args[0], *values), WIDTH)

    return lanes(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, index: Any, lanes: Any) -> Any:
    """Store lanes in sixteen consecutive elements of a one-dimensional array, from an index on."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        store_vector(builder, element(context, builder, kinds.args[0], *values[:2]), values[2])
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes), generate


@intrinsic
def broadcast(typing: Any, scalar: Any) -> Any:
    """Return lanes that all hold one float."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return _broadcast(builder, values[0])

    return FLOATS(types.float32), generate


@intrinsic
def mantissa(typing: Any, lanes: Any) -> Any:
    """Return the factor in [1, 2) of positive lanes: ``x = mantissa * 2 ** (biased_exponent - 127)``."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bits = builder.bitcast(values[0], _INTEGERS)
        fraction = builder.and_(bits, _constant(_INTEGERS, _MANTISSA))
        return builder.bitcast(builder.or_(fraction, _constant(_INTEGERS, _ONE)), _FLOATS)

    return FLOATS(FLOATS), generate


@intrinsic
def biased_exponent(typing: Any, lanes: Any) -> Any:
    """Return the exponents of positive lanes plus 127; see `mantissa`."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bits = builder.bitcast(values[0], _INTEGERS)
        return builder.lshr(bits, _constant(_INTEGERS, _MANTISSA_BITS))

    return INTEGERS(FLOATS), generate


@intrinsic
def maximum(typing: Any, lanes: Any, bound: Any) -> Any:
    """Return the larger of each lane and a bound."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bounds = _broadcast(builder, values[1])
        return builder.select(builder.fcmp_ordered(">", values[0], bounds), values[0], bounds)

    return FLOATS(FLOATS, types.float32), generate


@intrinsic
def minimum(typing: Any, lanes: Any, bound: Any) -> Any:
    """Return the smaller of each lane and a bound."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bounds = _broadcast(builder, values[1])
        return builder.select(builder.fcmp_ordered("<", values[0], bounds), values[0], bounds)

    return FLOATS(FLOATS, types.float32), generate


@intrinsic
def where_within(typing: Any, lanes: Any, judged: Any, low: Any, high: Any) -> Any:
    """Return lanes where ``low <= judged <= high``, and zero elsewhere."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        above = builder.fcmp_ordered(">=", values[1], _broadcast(builder, values[2]))
        below = builder.fcmp_ordered("<=", values[1], _broadcast(builder, values[3]))
        return builder.select(builder.and_(above, below), values[0], _constant(_FLOATS, 0.0))

    return FLOATS(FLOATS, FLOATS, types.float32, types.float32), generate


@intrinsic
def _centred_mantissa(typing: Any, lanes: Any) -> Any:
    """Return the factor in [sqrt(1/2), sqrt(2)) of positive lanes; see `_centred_exponent`."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bits = builder.bitcast(values[0], _INTEGERS)
        fraction = builder.and_(
            builder.sub(bits, _constant(_INTEGERS, _SQRT_HALF)), _constant(_INTEGERS, _MANTISSA)
        )
        return builder.bitcast(builder.add(fraction, _constant(_INTEGERS, _SQRT_HALF)), _FLOATS)

    return FLOATS(FLOATS), generate


@intrinsic
def _centred_exponent(typing: Any, lanes: Any) -> Any:
    """Return the exponent of two that belongs to `_centred_mantissa`."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bits = builder.bitcast(values[0], _INTEGERS)
        shifted = builder.sub(bits, _constant(_INTEGERS, _SQRT_HALF))
        return builder.sitofp(builder.ashr(shifted, _constant(_INTEGERS, _MANTISSA_BITS)), _FLOATS)

    return FLOATS(FLOATS), generate


def _operation(symbol: Callable[..., Any], emit: Callable[[Any, Any, Any], Any], kinds: Any) -> None:
    """Register a binary operation between lanes, or between a float32 and lanes, with numba."""

    @infer_global(symbol)
    class _Operation(AbstractTemplate):
        def generic(self, arguments: Any, keywords: Any) -> Any:
            return signature(arguments[1], *arguments) if tuple(arguments) in kinds else None

    for pair in kinds:

        @lower_builtin(symbol, *pair)
        def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
            left, right = values
            if kinds.args[0] == types.float32:
                left = _broadcast(builder, left)
            return emit(builder, left, right)


# "contract" allows fused multiply-adds and nothing else: the order of operations stays as written.
FUSED = ["contract"]
_BOTH_LANES, _SCALAR_AND_LANES = (FLOATS, FLOATS), (types.float32, FLOATS)


def emit_multiply(builder: Any, left: Any, right: Any) -> Any:
    """Multiply vectors of floats."""
    return builder.fmul(left, right, flags=FUSED)


def emit_add(builder: Any, left: Any, right: Any) -> Any:
    """Add vectors, with fused multiply-adds where one is a product."""
    if isinstance(left.type.element, ir.IntType):
        return builder.add(left, right)
    return builder.fadd(left, right, flags=FUSED)


_operation(operator.mul, emit_multiply, [_BOTH_LANES, _SCALAR_AND_LANES])
_operation(operator.truediv, lambda b, x, y: b.fdiv(x, y), [_SCALAR_AND_LANES])
_operation(operator.add, emit_add, [_BOTH_LANES, _SCALAR_AND_LANES, (INTEGERS, INTEGERS)])


_LOG_TERMS = tuple(
    np.float32(term)
    for term in (
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
)
_LOG_FIRST_TERM = np.float32(7.0376836292e-2)
_LOG_2_HIGH, _LOG_2_LOW = np.float32(0.693359375), np.float32(-2.12194440e-4)


@compiled
def log(lanes: Any) -> Any:
    """Return the natural logarithm of positive, normal lanes, to 1e-7 of the result or of 1.

    Source: the polynomial of ``logf`` in S. Moshier's Cephes library.
    """
    exponent = _centred_exponent(lanes)
    x = np.float32(-1) + _centred_mantissa(lanes)
    square = x * x
    terms = broadcast(_LOG_FIRST_TERM)
    for term in _LOG_TERMS:
        terms = term + x * terms
    small = _LOG_2_LOW * exponent + x * square * terms
    return _LOG_2_HIGH * exponent + (x + (small + np.float32(-0.5) * square))
