"""The depth-3 networks of rule RADIAL DEPTH 3 as explicit networks: q(p(x_1) + ... + p(x_d)), neuron by neuron."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from verify.kernel.fields import Fields
from verify.kernel.sup_norm.radial_depth3 import RadialDepth3, read_network
from verify.networks.depth3 import Depth3Network, SparseRow


def explicit(network: RadialDepth3) -> Depth3Network:
    """Return the network with every weight written out, exactly."""
    d = network.dimension
    scale, second = network.scales
    first: list[tuple[SparseRow, Fraction]] = []
    form: list[Fraction] = []
    for coordinate in range(d):
        for sign in (scale, -scale):
            for knot, coefficient in zip(network.inner.knots, network.inner.coefficients, strict=True):
                first.append((((coordinate, sign),), -scale * knot))
                form.append(coefficient * second / scale)
    start = d * network.inner.offset
    return Depth3Network(
        dimension=d,
        first=tuple(first),
        forms=(tuple(form),),
        second=tuple((0, second * (start - knot)) for knot in network.outer.knots),
        outputs=tuple(coefficient / second for coefficient in network.outer.coefficients),
        constant=network.outer.offset,
    )


def network_from_document(part: dict[str, Any], dimension: int) -> Depth3Network:
    """Return the depth-3 network of a certificate's part with "inner" and "outer", read as the kernel reads it."""
    return explicit(read_network(Fields(part, "network"), dimension))
