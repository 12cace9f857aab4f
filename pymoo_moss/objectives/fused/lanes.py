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
_WIDENED = _LanesType("float64_lanes", ir.VectorType(ir.DoubleType(), WIDTH))
INTEGERS = _LanesType("int32_lanes", _INTEGERS)


@register_model(_LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: _LanesType) -> None:
        super().__init__(manager, kind, kind.vector)


def _constant(vector: ir.VectorType, value: float) -> ir.Constant:
    if vector == _FLOATS:
        value = float(np.float32(value))
    return ir.Constant(vector, [value] * WIDTH)


def broadcast_scalar(builder: Any, scalar: Any) -> Any:
    """Return lanes that all hold one float."""
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
        return broadcast_scalar(builder, values[0])

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
                left = broadcast_scalar(builder, left)
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


@intrinsic
def widened_zeros(typing: Any) -> Any:
    """Return float64 lanes of zeros, sums for `add_widened`."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return _constant(_WIDENED.vector, 0.0)

    return _WIDENED(), generate


@intrinsic
def add_widened(typing: Any, total: Any, lanes: Any) -> Any:
    """Return float64 lanes plus float32 ones."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return emit_add(builder, values[0], builder.fpext(values[1], _WIDENED.vector))

    return _WIDENED(_WIDENED, lanes), generate


_operation(operator.truediv, lambda b, x, y: b.fdiv(x, y), [_SCALAR_AND_LANES])
_operation(operator.add, emit_add, [_BOTH_LANES, _SCALAR_AND_LANES, (INTEGERS, INTEGERS)])


_LOG_TERMS = (
    3.3333331174e-1,
    -2.4999993993e-1,
    2.0000714765e-1,
    -1.6668057665e-1,
    1.4249322787e-1,
    -1.2420140846e-1,
    1.1676998740e-1,
    -1.1514610310e-1,
    7.0376836292e-2,
)
"""Coefficients of a polynomial, the lowest first."""
_LOG_2_HIGH, _LOG_2_LOW = 0.693359375, -2.12194440e-4


def emit_log(builder: Any, lanes: Any) -> Any:
    """Return the natural logarithm of positive, normal lanes, to 1e-7 of the result or of 1.

    Source: the polynomial of ``logf`` in S. Moshier's Cephes library.
    """

    def scaled(number: float, lanes: Any) -> Any:
        return emit_multiply(builder, _constant(_FLOATS, number), lanes)

    # The lanes are a factor in [sqrt(1/2), sqrt(2)) and a power of two.
    shifted = builder.sub(builder.bitcast(lanes, _INTEGERS), _constant(_INTEGERS, _SQRT_HALF))
    fraction = builder.and_(shifted, _constant(_INTEGERS, _MANTISSA))
    factor = builder.bitcast(builder.add(fraction, _constant(_INTEGERS, _SQRT_HALF)), _FLOATS)
    exponent = builder.sitofp(builder.ashr(shifted, _constant(_INTEGERS, _MANTISSA_BITS)), _FLOATS)
    x = emit_add(builder, _constant(_FLOATS, -1.0), factor)
    square = emit_multiply(builder, x, x)
    # In pairs, pairs of pairs and so on: one term after another would keep the processor waiting.
    terms, power = [_constant(_FLOATS, term) for term in _LOG_TERMS], x
    while len(terms) > 1:
        pairs = zip(terms[::2], terms[1::2], strict=False)
        paired = [emit_add(builder, low, emit_multiply(builder, power, high)) for low, high in pairs]
        terms, power = [*paired, *terms[2 * len(paired) :]], emit_multiply(builder, power, power)
    small = scaled(_LOG_2_LOW, exponent)
    small = emit_add(builder, small, emit_multiply(builder, emit_multiply(builder, x, square), terms[0]))
    small = emit_add(builder, x, emit_add(builder, small, scaled(-0.5, square)))
    return emit_add(builder, scaled(_LOG_2_HIGH, exponent), small)


@intrinsic
def log(typing: Any, lanes: Any) -> Any:
    """Return the natural logarithm of positive, normal lanes; see `emit_log`."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return emit_log(builder, values[0])

    return FLOATS(FLOATS), generate
