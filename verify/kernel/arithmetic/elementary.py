"""Rigorous fixed-point interval arithmetic: pairs of integers at a scale of 2^-precision, rounded outward.

Every method returns an interval that contains f(x) for *every* real x of the argument intervals, or raises
`DomainFailure`. Statements and proofs: `docs/rules/arithmetic.md`, section "Elementary enclosures".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from verify.kernel.arithmetic import series

Interval = tuple[int, int]
"""Integers (low, high), low <= high: the reals of [low / 2^precision, high / 2^precision]."""

MIN_PRECISION = 8
MAX_PRECISION = 4096
MAX_MAGNITUDE = 2048
"""Intervals beyond 2^MAX_MAGNITUDE (or a smaller bound) are refused, so that no chain of operations can grow."""
MAX_POWER = 10**6
MAX_ROOT = 16


class DomainFailure(ArithmeticError):
    """The function is not defined, not bounded or out of range on part of the interval."""


class Arithmetic:
    """Interval operations with `precision` bits after the binary point and at most `magnitude_bits` before it.

    The four operations and roots are rounded outward once (less than one unit 2^-precision beyond the exact range at
    each end). Monotone functions are enclosed from their two ends, each within a few units; sin and cos from their
    ends and the extrema that the interval may contain.
    """

    __slots__ = ("_limit", "magnitude_bits", "one", "precision")

    def __init__(self, precision: int, magnitude_bits: int = MAX_MAGNITUDE) -> None:
        if not MIN_PRECISION <= precision <= MAX_PRECISION:
            raise ValueError(f"precision must lie between {MIN_PRECISION} and {MAX_PRECISION} bits")
        if not 1 <= magnitude_bits <= MAX_MAGNITUDE:
            raise ValueError(f"magnitudes must lie between 2^1 and 2^{MAX_MAGNITUDE}")
        self.precision = precision
        self.magnitude_bits = magnitude_bits
        self.one = 1 << precision
        self._limit = 1 << (precision + magnitude_bits)

    # Conversions.

    def rational(self, value: Fraction | int) -> Interval:
        """Return the narrowest interval around a rational (a point if it is dyadic enough)."""
        return self.between(value, value)

    def between(self, low: Fraction | int, high: Fraction | int) -> Interval:
        """Return the narrowest interval around [low, high]."""
        if low > high:
            raise DomainFailure("the ends of an interval are in the wrong order")
        shift = self.precision
        return self._bounded(
            (low.numerator << shift) // low.denominator, -((-high.numerator << shift) // high.denominator)
        )

    def fractions(self, x: Interval) -> tuple[Fraction, Fraction]:
        """Return the ends as rationals."""
        return Fraction(x[0], self.one), Fraction(x[1], self.one)

    def magnitude(self, x: Interval) -> Fraction:
        """Return the largest absolute value in the interval."""
        return Fraction(max(-x[0], x[1]), self.one)

    def _bounded(self, low: int, high: int) -> Interval:
        if low < -self._limit or high > self._limit:
            raise DomainFailure(f"a value may exceed 2^{self.magnitude_bits}")
        return low, high

    # Arithmetic.

    def add(self, x: Interval, y: Interval) -> Interval:
        """Return x + y (exact)."""
        return self._bounded(x[0] + y[0], x[1] + y[1])

    def sub(self, x: Interval, y: Interval) -> Interval:
        """Return x - y (exact)."""
        return self._bounded(x[0] - y[1], x[1] - y[0])

    def neg(self, x: Interval) -> Interval:
        """Return -x (exact)."""
        return -x[1], -x[0]

    def mul(self, x: Interval, y: Interval) -> Interval:
        """Return x * y."""
        a, b = x
        c, d = y
        if a >= 0 and c >= 0:
            low, high = a * c, b * d
        else:
            products = (a * c, a * d, b * c, b * d)
            low, high = min(products), max(products)
        shift = self.precision
        return self._bounded(low >> shift, -(-high >> shift))

    def scale(self, x: Interval, factor: Fraction) -> Interval:
        """Return factor * x for an exact rational factor (rounded once)."""
        low, high = (x[0], x[1]) if factor >= 0 else (x[1], x[0])
        n, d = factor.numerator, factor.denominator
        return self._bounded(low * n // d, -(-high * n // d))

    def div(self, x: Interval, y: Interval) -> Interval:
        """Return x / y; y must not contain 0."""
        if y[0] <= 0 <= y[1]:
            raise DomainFailure("division by an interval that contains 0")
        if y[1] < 0:
            x, y = self.neg(x), self.neg(y)
        low = x[0] << self.precision
        high = x[1] << self.precision
        return self._bounded(low // (y[1] if low >= 0 else y[0]), -(-high // (y[0] if high >= 0 else y[1])))

    def square(self, x: Interval) -> Interval:
        """Return x^2."""
        return self.power(x, 2)

    def power(self, x: Interval, exponent: int) -> Interval:
        """Return x^exponent for an integer exponent (0^0 = 1)."""
        if abs(exponent) > MAX_POWER:
            raise DomainFailure(f"an exponent beyond {MAX_POWER}")
        if exponent < 0:
            return self.power(self.div((self.one, self.one), x), -exponent)
        if exponent % 2 == 0:
            x = self.absolute(x)
        low = self._power(x[0], exponent) if x[0] >= 0 else -self._power(-x[0], exponent, up=True)
        high = self._power(x[1], exponent, up=True) if x[1] >= 0 else -self._power(-x[1], exponent)
        return low, high

    def _power(self, base: int, exponent: int, *, up: bool = False) -> int:
        """Return base^exponent for base >= 0, every product rounded down or up."""
        result = self.one
        shift = self.precision
        while exponent:
            if exponent & 1:
                result = -(-result * base >> shift) if up else result * base >> shift
            exponent >>= 1
            if exponent:
                base = -(-base * base >> shift) if up else base * base >> shift
            if result > self._limit or base > self._limit:
                raise DomainFailure(f"a value may exceed 2^{self.magnitude_bits}")
        return result

    def sqrt(self, x: Interval) -> Interval:
        """Return the square root; x must not contain a negative number."""
        return self.root(x, 2)

    def root(self, x: Interval, degree: int) -> Interval:
        """Return the real root of x >= 0, 1 <= degree <= MAX_ROOT."""
        if not 1 <= degree <= MAX_ROOT:
            raise DomainFailure(f"a root of degree beyond {MAX_ROOT}")
        if x[0] < 0:
            raise DomainFailure("a root of an interval that contains negative numbers")
        shift = self.precision * (degree - 1)
        low = integer_root(x[0] << shift, degree)
        if x[0] == x[1] and low**degree == x[0] << shift:
            return low, low
        high = integer_root(x[1] << shift, degree)
        return low, high if high**degree == x[1] << shift else high + 1

    def rational_power(self, x: Interval, exponent: Fraction) -> Interval:
        """Return x^exponent; x >= 0 unless the exponent is an integer, x > 0 if it is negative."""
        if exponent.denominator == 1:
            return self.power(x, exponent.numerator)
        return self.power(self.root(x, exponent.denominator), exponent.numerator)

    # Order.

    def absolute(self, x: Interval) -> Interval:
        """Return |x| (exact)."""
        if x[0] >= 0:
            return x
        return (-x[1], -x[0]) if x[1] <= 0 else (0, max(-x[0], x[1]))

    def minimum(self, x: Interval, y: Interval) -> Interval:
        """Return min(x, y) (exact)."""
        return min(x[0], y[0]), min(x[1], y[1])

    def maximum(self, x: Interval, y: Interval) -> Interval:
        """Return max(x, y) (exact)."""
        return max(x[0], y[0]), max(x[1], y[1])

    def hull(self, x: Interval, y: Interval) -> Interval:
        """Return the narrowest interval that contains both."""
        return min(x[0], y[0]), max(x[1], y[1])

    # Exponential family.

    def exp(self, x: Interval) -> Interval:
        """Return exp(x)."""
        if x[1] >> self.precision > self.magnitude_bits:
            raise DomainFailure(f"a value may exceed 2^{self.magnitude_bits}")
        return self._bounded(*self._increasing(series.exp, x))

    def log(self, x: Interval) -> Interval:
        """Return the natural logarithm; x must be positive."""
        if x[0] <= 0:
            raise DomainFailure("the logarithm of an interval that is not positive")
        return self._increasing(series.log, x)

    def sinh(self, x: Interval) -> Interval:
        """Return sinh(x) = (exp(x) - exp(-x)) / 2."""
        return self._ends(self._sinh, x)

    def _sinh(self, x: int) -> Interval:
        if x == 0:
            return 0, 0
        low, high = self.sub(self.exp((x, x)), self.exp((-x, -x)))
        return low >> 1, -(-high >> 1)

    def cosh(self, x: Interval) -> Interval:
        """Return cosh(x) = (exp(x) + exp(-x)) / 2."""
        return self._ends(self._cosh, self.absolute(x))

    def _cosh(self, x: int) -> Interval:
        low, high = self.add(self.exp((x, x)), self.exp((-x, -x)))
        return max(low >> 1, self.one), -(-high >> 1)

    def tanh(self, x: Interval) -> Interval:
        """Return tanh(x), in [-1, 1]."""
        return self._ends(self._tanh, x)

    def _tanh(self, x: int) -> Interval:
        """Return (1 - q)/(1 + q), q = exp(-2|x|), with the sign of x."""
        if x == 0:
            return 0, 0
        if x < 0:
            return self.neg(self._tanh(-x))
        one = self.one
        q_low, q_high = self.exp((-2 * x, -2 * x))
        shift = self.precision
        low = ((one - q_high) << shift) // (one + q_high)
        return max(low, 0), min(-((q_low - one << shift) // (one + q_low)), one)

    def sigmoid(self, x: Interval) -> Interval:
        """Return 1 / (1 + exp(-x)), in [0, 1]."""
        return self._ends(self._sigmoid, x)

    def _sigmoid(self, x: int) -> Interval:
        one = self.one
        q_low, q_high = self.exp((-abs(x), -abs(x)))
        low, high = (one << self.precision) // (one + q_high), -((-one << self.precision) // (one + q_low))
        return (low, high) if x >= 0 else (one - high, one - low)

    def softplus(self, x: Interval) -> Interval:
        """Return log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|))."""
        return self._ends(self._softplus, x)

    def _softplus(self, x: int) -> Interval:
        q_low, q_high = self.exp((-abs(x), -abs(x)))
        low, high = self.log((self.one + q_low, self.one + q_high))
        return max(x, 0) + low, max(x, 0) + high

    def erf(self, x: Interval) -> Interval:
        """Return the error function, in [-1, 1]."""
        return self._increasing(series.error_function, x)

    # Circular functions.

    def pi(self) -> Interval:
        """Return pi."""
        return series.pi(self.precision)

    def sine_and_cosine(self, x: Interval) -> tuple[Interval, Interval]:
        """Return sin(x) and cos(x), both in [-1, 1]."""
        one = self.one
        if x[1] - x[0] >= 7 * one:
            return (-one, one), (-one, one)
        at_low = series.sine_and_cosine(x[0], self.precision, self.precision)
        if x[0] == x[1]:
            return at_low
        at_high = series.sine_and_cosine(x[1], self.precision, self.precision)
        sine, cosine = self.hull(at_low[0], at_high[0]), self.hull(at_low[1], at_high[1])
        # Multiples n of pi/2 that x may contain: n even gives an extremum of cos, n odd one of sin.
        first, last = self._quarters(x)
        for n in range(first, min(last, first + 3) + 1):
            extremum = -one if n & 2 else one
            if n % 2 == 0:
                cosine = self.hull(cosine, (extremum, extremum))
            else:
                sine = self.hull(sine, (extremum, extremum))
        return sine, cosine

    def _quarters(self, x: Interval) -> tuple[int, int]:
        """Return the first and the last integer n for which n pi/2 may lie in x (none if first > last)."""
        # Relative accuracy of pi must beat the size of x; a huge x merely gets an extremum too many.
        bits = self.precision - (-max(x[1].bit_length(), x[0].bit_length()) // 64) * 64
        low, high = series.pi(bits)
        a, b = x[0] << (bits + 1 - self.precision), x[1] << (bits + 1 - self.precision)
        return -(-a // (high if a >= 0 else low)), b // (low if b >= 0 else high)

    def sin(self, x: Interval) -> Interval:
        """Return sin(x), in [-1, 1]."""
        return self.sine_and_cosine(x)[0]

    def cos(self, x: Interval) -> Interval:
        """Return cos(x), in [-1, 1]."""
        return self.sine_and_cosine(x)[1]

    def tan(self, x: Interval) -> Interval:
        """Return tan(x); x must not contain a pole (an odd multiple of pi/2)."""
        first, last = self._quarters(x)
        if first < last or (first == last and first % 2):
            raise DomainFailure("the tangent of an interval that may contain a pole")
        return self._ends(self._tan, x)

    def _tan(self, x: int) -> Interval:
        sine, cosine = self.sine_and_cosine((x, x))
        return self.div(sine, cosine)

    def atan(self, x: Interval) -> Interval:
        """Return the inverse tangent."""
        return self._increasing(series.arctangent, x)

    def asin(self, x: Interval) -> Interval:
        """Return the inverse sine; x must lie in [-1, 1]."""
        if x[0] < -self.one or x[1] > self.one:
            raise DomainFailure("the inverse sine of an interval that leaves [-1, 1]")
        return self._increasing(series.arcsine, x)

    def acos(self, x: Interval) -> Interval:
        """Return the inverse cosine pi/2 - asin(x); x must lie in [-1, 1]."""
        low, high = self._acos(x[1]), self._acos(x[0])
        return max(low[0], 0), high[1]

    def _acos(self, x: int) -> Interval:
        if x == self.one:
            return 0, 0
        sine = self.asin((x, x))
        half_pi = series.pi(self.precision - 1)
        return half_pi[0] - sine[1], half_pi[1] - sine[0]

    # Monotone functions from their ends.

    def _increasing(self, at: Callable[[int, int, int], Interval], x: Interval) -> Interval:
        low = at(x[0], self.precision, self.precision)
        if x[0] == x[1]:
            return low
        return low[0], at(x[1], self.precision, self.precision)[1]

    def _ends(self, at: Callable[[int], Interval], x: Interval) -> Interval:
        low = at(x[0])
        return low if x[0] == x[1] else (low[0], at(x[1])[1])


def integer_root(value: int, degree: int) -> int:
    """Return the largest integer whose power `degree` is at most `value` >= 0 (Newton from above)."""
    if degree == 1 or value < 2:
        return value
    if degree == 2:
        return isqrt(value)
    guess = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * guess + value // guess ** (degree - 1)) // degree
        if better >= guess:
            return guess
        guess = better
