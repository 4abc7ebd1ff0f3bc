"""Enclosures of elementary functions at one dyadic point, by integer series with counted rounding errors.

A point is an integer `x` with `bits`, and stands for x / 2^bits. Every function returns integers (low, high) with
low <= f(x / 2^bits) * 2^out <= high. Inside, a *unit* is 2^-w for a working precision w > out; each sum returns its
error in units. The statements and proofs are in `docs/rules/arithmetic.md`, section "Elementary enclosures".
"""

from __future__ import annotations

from functools import lru_cache
from math import isqrt

GUARD = 32
"""Working bits beyond the precision that is asked for; every error below is far less than 2^GUARD units."""

Bounds = tuple[int, int]


def _outward(total: int, error: int, shift: int) -> Bounds:
    """Return [total - error, total + error] divided by 2^shift and rounded outward."""
    return (total - error) >> shift, -((-total - error) >> shift)


def _odd_series(z: int, sign: int, w: int) -> Bounds:
    """Return sum_i sign^i z^(2i+1)/(2i+1) for |z| <= 1/5 (sign 1: atanh, -1: atan) and its error in units."""
    square = z * z >> w
    power, total, terms = z, z, 0
    while power not in (0, -1):
        terms += 1
        power = sign * power * square >> w
        total += power // (2 * terms + 1)
    return total, 2 * terms + 3


@lru_cache(maxsize=256)
def pi(out: int) -> Bounds:
    """Return bounds of pi * 2^out that differ by at most 2 (Machin: pi = 16 atan(1/5) - 4 atan(1/239))."""
    w = out + GUARD
    first, first_error = _odd_series((1 << w) // 5, -1, w)
    second, second_error = _odd_series((1 << w) // 239, -1, w)
    return _outward(16 * first - 4 * second, 16 * (first_error + 2) + 4 * (second_error + 2), GUARD)


@lru_cache(maxsize=256)
def log_two(out: int) -> Bounds:
    """Return bounds of ln 2 * 2^out that differ by at most 2 (ln 2 = 2 atanh(1/5) + 2 atanh(1/7))."""
    w = out + GUARD
    first, first_error = _odd_series((1 << w) // 5, 1, w)
    second, second_error = _odd_series((1 << w) // 7, 1, w)
    return _outward(2 * (first + second), 2 * (first_error + second_error + 4), GUARD)


def exp(x: int, bits: int, out: int) -> Bounds:
    """Enclose the exponential; the caller bounds x from above, a very negative x costs nothing."""
    if x == 0:
        return 1 << out, 1 << out
    if x < -(out + 2) << bits:
        return 0, 1  # 0 < exp(x) < exp(-out) < 2^-out
    short = log_two(64)[0]
    k = ((x << 65) // (short << bits) + 1) >> 1  # about x / ln 2; only |x - k ln 2| <= 1 matters
    shift = GUARD + _coarse(max(k, 0))
    w = out + shift
    t = _rescale(x, bits, w) - k * log_two(w)[0]
    term = total = 1 << w
    n = 0
    while term not in (0, -1):
        n += 1
        term = term * t // (n << w)
        total += term
    error = 2 * n + 3 + 6 * abs(k) + 3
    if k >= 0:
        low, high = (total - error) << k, (total + error) << k
    else:
        low, high = (total - error) >> -k, -((-total - error) >> -k)
    return max(low >> shift, 0), -(-high >> shift)


def log(x: int, bits: int, out: int) -> Bounds:
    """Enclose the natural logarithm of a positive point."""
    k = x.bit_length() - 1
    if 128 * x > 181 << k:
        k += 1
    one = 1 << k  # x / 2^k lies in [0.7, 1.42]
    scaled = k - bits
    if x == one and scaled == 0:
        return 0, 0
    w = out + GUARD
    series, error = _odd_series(((x - one) << w) // (x + one), 1, w)
    return _outward(2 * series + scaled * log_two(w)[0], 2 * (error + 2) + 2 * abs(scaled), GUARD)


def sine_and_cosine(x: int, bits: int, out: int) -> tuple[Bounds, Bounds]:
    """Enclose sin and cos, both clipped to [-1, 1]."""
    if x == 0:
        return (0, 0), (1 << out, 1 << out)
    extra = _coarse(max(x.bit_length() - bits, 0))
    w = out + GUARD
    half_pi = pi(w + extra - 1)[0]
    t = _rescale(x, bits, w + extra)
    n = (2 * t + half_pi) // (2 * half_pi)
    t = t - n * half_pi >> extra
    reduction = 6  # (1 + 2|n|) units of 2^-(w + extra) with |n| <= 2^extra + 1, and one for the last shift
    square = t * t >> w
    sine, sine_error = _alternating(t, square, 1, w)
    cosine, cosine_error = _alternating(1 << w, square, 0, w)
    quarter = n % 4
    if quarter % 2:
        sine, sine_error, cosine, cosine_error = cosine, cosine_error, -sine, sine_error
    if quarter >= 2:
        sine, cosine = -sine, -cosine
    return (
        _clip(_outward(sine, sine_error + reduction, GUARD), out),
        _clip(_outward(cosine, cosine_error + reduction, GUARD), out),
    )


def _alternating(first: int, square: int, n: int, w: int) -> Bounds:
    """Sum the Taylor series of sin (n = 1) or cos (n = 0) from its first term, for |t| <= 1; the error in units."""
    term = total = first
    terms = 0
    while term not in (0, -1):
        terms += 1
        n += 2
        term = -term * square // ((n - 1) * n << w)
        total += term
    return total, 3 * terms + 4


def arctangent(x: int, bits: int, out: int) -> Bounds:
    """Enclose the inverse tangent."""
    if x == 0:
        return 0, 0
    if x < 0:
        low, high = arctangent(-x, bits, out)
        return -high, -low
    w = out + GUARD
    if x >> bits == 0:
        total, error = _arctangent_of_fraction(_rescale(x, bits, w), w)
    else:
        total, error = _arctangent_of_fraction((1 << (w + bits)) // x, w)
        total, error = pi(w - 1)[0] - total, error + 2
    return _outward(total, error, GUARD)


def arcsine(x: int, bits: int, out: int) -> Bounds:
    """Enclose the inverse sine of a point of [-1, 1]: asin(x) = 2 atan(x / (1 + sqrt(1 - x^2)))."""
    if x == 0:
        return 0, 0
    w = max(out, bits) + GUARD
    root = isqrt(((1 << 2 * bits) - x * x) << 2 * (w - bits))
    quotient = (abs(x) << (2 * w - bits)) // ((1 << w) + root)
    total, error = _arctangent_of_fraction(quotient, w)
    low, high = _outward(2 * total, 2 * error + 4, w - out)
    return (low, high) if x > 0 else (-high, -low)


def _arctangent_of_fraction(t: int, w: int) -> Bounds:
    """Return atan(t) for 0 <= t <= 1 that is known up to two units, by three half-angle steps; the error in units."""
    one = 1 << w
    for _ in range(3):
        t = (t << w) // (one + isqrt((one << w) + t * t))
    series, error = _odd_series(t, -1, w)
    return 8 * series, 8 * (error + 3)


def error_function(x: int, bits: int, out: int) -> Bounds:
    """Enclose erf(x) = 2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)), a sum of positive terms."""
    if x == 0:
        return 0, 0
    if x < 0:
        low, high = error_function(-x, bits, out)
        return -high, -low
    one = 1 << out
    if x * x >= max(out, 1) << 2 * bits:
        return one - 1, one  # 0 < 1 - erf(x) <= exp(-x^2) <= exp(-out) <= 2^-out for x >= 1
    w = out + GUARD + _coarse(3 * ((x * x >> 2 * bits) + 1) // 2)  # exp(x^2) < 2^(3/2 x^2) lost bits
    numerator = 2 * x * x
    shift = 2 * bits
    low = _rescale(x, bits, w)
    high = low if bits <= w else low + 1
    total_low, total_high, odd = low, high, 1
    while high > 1 or (odd + 2) << shift < 2 * numerator:
        odd += 2
        low = low * numerator // (odd << shift)
        high = -(-high * numerator // (odd << shift))
        total_low += low
        total_high += high
    total_high += high  # the ratio of later terms is at most 1/2
    decay_low, decay_high = exp(-x * x, 2 * bits, w)
    pi_low, pi_high = pi(w)
    root_low, root_high = isqrt(pi_low << w), isqrt(pi_high << w) + 1
    result_low = (2 * total_low * decay_low // root_high) >> (w - out)
    result_high = -((2 * total_high * decay_high // -root_low) >> (w - out))
    return min(result_low, one), min(result_high, one)


def _rescale(x: int, bits: int, w: int) -> int:
    """Return x / 2^bits in units of 2^-w, rounded down when bits > w (an error of at most one unit)."""
    return x << (w - bits) if w >= bits else x >> (bits - w)


def _coarse(bits: int) -> int:
    """Return the next multiple of 64, so that few precisions of the constants are ever needed."""
    return -(-bits // 64) * 64


def _clip(bounds: Bounds, out: int) -> Bounds:
    one = 1 << out
    return max(bounds[0], -one), min(bounds[1], one)
