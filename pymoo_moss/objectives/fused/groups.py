"""Groups of four points in lanes: vectors of one point of sixteen masks, two of eight, or four of four.

Fewer masks therefore take fewer vectors. The lanes of a mask are neighbours, and hold its points in order.
Whatever the number of points in a vector, the same operations are applied to a mask's points in the same
order, so that its results have the same bits.

In compiled functions a group is a tuple of ``4 / points`` vectors. ``points`` is a tuple ``(0, 1, ...)`` with
one element per point of a vector: its length is part of its type, so that loops are compiled for that length.
"""

from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.types.containers import Tuple, UniTuple
from numba.extending import intrinsic

from .lanes import (
    FLOATS,
    WIDTH,
    broadcast_scalar,
    element,
    emit_add,
    emit_log,
    emit_multiply,
    load_vector,
    store_vector,
)
from .plane_layout import GROUP

_AHEAD = 96
"""How many groups ahead coefficients are brought into the cache."""

_DISTANCES = (2, 1)
"""How a group's points are combined: each with the one two positions away, then those with neighbours."""


def _repeated(builder: Any, pointer: Any, points: int) -> Any:
    """Load one number for each of ``16 / points`` masks, repeated in the lanes of the mask's points."""
    loaded = load_vector(builder, pointer, WIDTH // points)
    return _shuffled(builder, loaded, [lane // points for lane in range(WIDTH)])


def _tiled(builder: Any, pointer: Any, points: int) -> Any:
    """Load one number for each point of a vector, the same for all masks."""
    loaded = load_vector(builder, pointer, points)
    return _shuffled(builder, loaded, [lane % points for lane in range(WIDTH)])


def _shuffled(builder: Any, vector: Any, order: Sequence[int]) -> Any:
    indices = ir.Constant(ir.VectorType(ir.IntType(32), len(order)), list(order))
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), indices)


def _partners(builder: Any, group: Sequence[Any], distance: int) -> list[Any]:
    """Return a group in which each point is in the place of the one that is ``distance`` positions away."""
    points = GROUP // len(group)
    if distance >= points:
        return [group[number ^ distance // points] for number in range(len(group))]
    return [_shuffled(builder, vector, [lane ^ distance for lane in range(WIDTH)]) for vector in group]


def _combined(builder: Any, group: Sequence[Any], emit: Any, distance: int) -> list[Any]:
    return [emit(builder, *pair) for pair in zip(group, _partners(builder, group, distance), strict=True)]


def _reread(builder: Any, pointer: Any) -> Any:
    """Return a pointer that the compiler does not recognise, so that it loads again what is there.

    Otherwise it keeps all coefficients of a group in registers, of which there are not enough, and the totals
    in memory. To load a coefficient again costs nothing.
    """
    kind = ir.FunctionType(pointer.type, [pointer.type])
    return builder.call(ir.InlineAsm(kind, "", "=r,0"), [pointer])


def _members(builder: Any, kind: Any, value: Any) -> list[Any]:
    return [builder.extract_value(value, number) for number in range(kind.count)]


def _group_type(points: Any) -> Any:
    return UniTuple(FLOATS, GROUP // points.count)


def _coefficients(
    builder: Any, data: Any, group: Any, width: int, number: int, vector: int, points: int
) -> Any:
    """Load a coefficient of the points of one vector of a group: the base, or a column's slope."""
    first = builder.mul(group, ir.Constant(group.type, GROUP * (width + 1)))
    offset = ir.Constant(group.type, GROUP * number + points * vector)
    return _tiled(builder, builder.gep(data, [builder.add(first, offset)]), points)


@intrinsic
def load_columns(typing: Any, row: Any, column: Any, segment: Any, points: Any) -> Any:
    """Load the lanes of consecutive columns of a row ``(columns, masks)``, as many as ``segment`` is long."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        masks = WIDTH // points.count
        first = builder.mul(values[1], ir.Constant(values[1].type, masks))
        pointer = element(context, builder, kinds.args[0], values[0], first)
        step = ir.IntType(64)
        lanes = [
            _repeated(builder, builder.gep(pointer, [ir.Constant(step, k * masks)]), points.count)
            for k in range(segment.count)
        ]
        return context.make_tuple(builder, kinds.return_type, lanes)

    return UniTuple(FLOATS, segment.count)(row, types.intp, segment, points), generate


@intrinsic
def values_of_group(typing: Any, coefficients: Any, group: Any, columns: Any, points: Any) -> Any:
    """Return the values ``base + sum(slopes * columns)`` of a group of points."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        data = element(context, builder, kinds.args[0], values[0], ir.Constant(ir.IntType(64), 0))
        lanes = _members(builder, columns, values[2])
        group = []
        for vector in range(GROUP // points.count):
            where = values[1], len(lanes)
            total = _coefficients(builder, data, *where, 0, vector, points.count)
            for k, lane in enumerate(lanes):
                slope = _coefficients(builder, data, *where, k + 1, vector, points.count)
                total = emit_add(builder, total, emit_multiply(builder, slope, lane))
            group.append(total)
        return context.make_tuple(builder, kinds.return_type, group)

    return _group_type(points)(coefficients, types.intp, columns, points), generate


@intrinsic
def product_of_group(typing: Any, group: Any) -> Any:
    """Return the product of a group's points in every lane of its mask."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        product = _members(builder, group, values[0])
        for distance in _DISTANCES:
            product = _combined(builder, product, emit_multiply, distance)
        return product[0]

    return FLOATS(group), generate


@intrinsic
def reciprocals_of_group(typing: Any, group: Any) -> Any:
    """Return a group's product as `product_of_group` does, and the reciprocals of its points."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        points = _members(builder, group, values[0])
        partners = _partners(builder, points, _DISTANCES[0])
        pairs = _combined(builder, points, emit_multiply, _DISTANCES[0])
        others = _partners(builder, pairs, _DISTANCES[1])
        product = emit_multiply(builder, pairs[0], others[0])
        # One division for four reciprocals.
        inverse = builder.fdiv(ir.Constant(product.type, [1.0] * WIDTH), product)
        reciprocals = [
            emit_multiply(builder, emit_multiply(builder, inverse, other), partner)
            for other, partner in zip(others, partners, strict=True)
        ]
        both = product, context.make_tuple(builder, kinds.args[0], reciprocals)
        return context.make_tuple(builder, kinds.return_type, both)

    return Tuple((FLOATS, group))(group), generate


@intrinsic
def store_group(typing: Any, slopes: Any, number: Any, group: Any) -> Any:
    """Store a group as one of an array's groups, to be read by `add_to_totals`."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        first = builder.mul(values[1], ir.Constant(values[1].type, WIDTH * group.count))
        start = element(context, builder, kinds.args[0], values[0], first)
        for vector, lanes in enumerate(_members(builder, group, values[2])):
            store_vector(builder, builder.gep(start, [ir.Constant(ir.IntType(64), vector * WIDTH)]), lanes)
        return context.get_dummy_value()

    return types.void(slopes, types.intp, group), generate


@intrinsic
def zero_totals(typing: Any, columns: Any, points: Any) -> Any:
    """Return zeros to which `add_to_totals` adds: a group for each of some columns."""
    kind = UniTuple(FLOATS, columns.count * (GROUP // points.count))

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        return cgutils.get_null_value(context.get_value_type(kind))

    return kind(columns, points), generate


@intrinsic
def load_group(typing: Any, slopes: Any, number: Any, points: Any) -> Any:
    """Load what `store_group` stored."""
    kind = _group_type(points)

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        first = builder.mul(values[1], ir.Constant(values[1].type, WIDTH * kind.count))
        start = element(context, builder, kinds.args[0], values[0], first)
        group = [
            load_vector(builder, builder.gep(start, [ir.Constant(ir.IntType(64), vector * WIDTH)]), WIDTH)
            for vector in range(kind.count)
        ]
        return context.make_tuple(builder, kind, group)

    return kind(slopes, types.intp, points), generate


@intrinsic
def add_to_totals(
    typing: Any,
    totals: Any,
    coefficients: Any,
    segment: Any,
    column: Any,
    group: Any,
    slopes: Any,
    points: Any,
) -> Any:
    """Return totals of columns of a segment, from one on, plus a group's slopes times those of its values."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        vectors = GROUP // points.count
        first = builder.mul(values[4], ir.Constant(values[4].type, GROUP * (1 + segment.count)))
        first = builder.add(first, builder.mul(values[3], ir.Constant(first.type, GROUP)))
        data = _reread(builder, element(context, builder, kinds.args[1], values[1], first))
        added = _members(builder, slopes, values[5])
        sums = []
        for number, total in enumerate(_members(builder, totals, values[0])):
            k, vector = divmod(number, vectors)
            offset = ir.Constant(ir.IntType(64), GROUP * (1 + k) + points.count * vector)
            slope = _tiled(builder, builder.gep(data, [offset]), points.count)
            sums.append(emit_add(builder, total, emit_multiply(builder, slope, added[vector])))
        return context.make_tuple(builder, kinds.return_type, sums)

    return totals(totals, coefficients, segment, types.intp, types.intp, slopes, points), generate


@intrinsic
def add_totals(typing: Any, row: Any, column: Any, totals: Any, points: Any) -> Any:
    """Add totals, summed over the points of a group, to consecutive columns of a row ``(columns, masks)``."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        masks, vectors = WIDTH // points.count, GROUP // points.count
        lanes = _members(builder, totals, values[2])
        first = builder.mul(values[1], ir.Constant(values[1].type, masks))
        start = element(context, builder, kinds.args[0], values[0], first)
        for k in range(totals.count // vectors):
            total = lanes[k * vectors : (k + 1) * vectors]
            for distance in _DISTANCES:
                total = _combined(builder, total, emit_add, distance)
            added = _shuffled(builder, total[0], range(0, WIDTH, points.count))
            pointer = builder.gep(start, [ir.Constant(ir.IntType(64), k * masks)])
            before = load_vector(builder, pointer, masks)
            store_vector(builder, pointer, emit_add(builder, before, added))
        return context.get_dummy_value()

    return types.void(row, types.intp, totals, points), generate


@intrinsic
def prefetch_group(typing: Any, coefficients: Any, segment: Any, group: Any) -> Any:
    """Ask for the coefficients of a group some way ahead to be brought into the cache.

    The processor's own prefetching ends with a batch's first block, and leaves coefficients that are new to
    wait for. Nothing happens beyond the array's end.
    """

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        ahead = builder.add(values[2], ir.Constant(values[2].type, _AHEAD))
        first = builder.mul(ahead, ir.Constant(ahead.type, GROUP * (1 + segment.count)))
        pointer = builder.bitcast(
            element(context, builder, kinds.args[0], values[0], first), ir.IntType(8).as_pointer()
        )
        whole = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, whole, whole, whole])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [pointer, *(ir.Constant(whole, number) for number in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(coefficients, segment, types.intp), generate


def _bounded(sign: str, group: Any, bound: Any) -> Any:
    """Return an intrinsic's signature and code, which replaces points by a bound unless they compare so."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bounds = broadcast_scalar(builder, values[1])
        chosen = [
            builder.select(builder.fcmp_ordered(sign, lanes, bounds), lanes, bounds)
            for lanes in _members(builder, group, values[0])
        ]
        return context.make_tuple(builder, group, chosen)

    return group(group, types.float32), generate


@intrinsic
def raised(typing: Any, group: Any, bound: Any) -> Any:
    """Return the larger of each point and a bound."""
    return _bounded(">", group, bound)


@intrinsic
def lowered(typing: Any, group: Any, bound: Any) -> Any:
    """Return the smaller of each point and a bound."""
    return _bounded("<", group, bound)


def _kept(sign: str, group: Any, judged: Any, bound: Any) -> Any:
    """Return an intrinsic's signature and code, which keeps points where others compare so, else zero."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        bounds = broadcast_scalar(builder, values[2])
        zero = ir.Constant(bounds.type, [0.0] * WIDTH)
        pairs = zip(*(_members(builder, group, value) for value in values[:2]), strict=True)
        kept = [builder.select(builder.fcmp_ordered(sign, of, bounds), lanes, zero) for lanes, of in pairs]
        return context.make_tuple(builder, group, kept)

    return group(group, judged, types.float32), generate


@intrinsic
def where_at_least(typing: Any, group: Any, judged: Any, bound: Any) -> Any:
    """Return points where those of another group are at least a bound, and zero elsewhere."""
    return _kept(">=", group, judged, bound)


@intrinsic
def where_at_most(typing: Any, group: Any, judged: Any, bound: Any) -> Any:
    """Return points where those of another group are at most a bound, and zero elsewhere."""
    return _kept("<=", group, judged, bound)


@intrinsic
def logs_of_group(typing: Any, group: Any) -> Any:
    """Return the natural logarithms of a group's points."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        logs = [emit_log(builder, lanes) for lanes in _members(builder, group, values[0])]
        return context.make_tuple(builder, group, logs)

    return group(group), generate


@intrinsic
def multiply_groups(typing: Any, left: Any, right: Any) -> Any:
    """Return the products of two groups' points."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        pairs = zip(*(_members(builder, left, value) for value in values), strict=True)
        return context.make_tuple(builder, left, [emit_multiply(builder, *pair) for pair in pairs])

    return left(left, right), generate


@intrinsic
def split_group(typing: Any, group: Any) -> Any:
    """Return a group's four points, each in all lanes of its mask."""

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        vectors = _members(builder, group, values[0])
        points = GROUP // group.count
        split = []
        for number in range(GROUP):
            vector, point = divmod(number, points)
            order = [lane // points * points + point for lane in range(WIDTH)]
            split.append(_shuffled(builder, vectors[vector], order))
        return context.make_tuple(builder, kinds.return_type, split)

    return UniTuple(FLOATS, GROUP)(group), generate


@intrinsic
def join_group(typing: Any, parts: Any, points: Any) -> Any:
    """Return the group of four points that are each in all lanes of their masks, as `split_group` gives."""
    kind = _group_type(points)

    def generate(context: Any, builder: Any, kinds: Any, values: Any) -> Any:
        split = _members(builder, parts, values[0])
        group = []
        for vector in range(kind.count):
            joined = split[vector * points.count]
            for point in range(1, points.count):
                chosen = [lane % points.count == point for lane in range(WIDTH)]
                of_point = ir.Constant(ir.VectorType(ir.IntType(1), WIDTH), chosen)
                joined = builder.select(of_point, split[vector * points.count + point], joined)
            group.append(joined)
        return context.make_tuple(builder, kind, group)

    return kind(parts, points), generate
