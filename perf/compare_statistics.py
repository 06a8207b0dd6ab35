"""Intervals of ratios of paired rounds, and the verdict of perf/compare."""

import math
import statistics
import typing

# Two-sided 95 % quantiles of Student's distribution with 1 to 30 degrees of freedom; above them the normal distribution's is used.
QUANTILES = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
]

PASSED, REGRESSION, TOO_BUSY, NOT_MEASURED = range(4)
MOST_OTHER_LOAD = 0.05


class Interval(typing.NamedTuple):
    """A ratio and its 95 % confidence interval."""

    ratio: float
    low: float
    high: float

    def __str__(self):
        return f"{self.ratio:.3f} ({self.low:.3f}-{self.high:.3f})"


def interval(above, below):
    """The ratio of two figures that were measured in the same rounds: the geometric mean of the rounds' ratios. Two rounds at least."""
    logs = [math.log(a / b) for a, b in zip(above, below, strict=True)]
    freedom = len(logs) - 1
    quantile = QUANTILES[freedom - 1] if freedom <= len(QUANTILES) else 1.96
    centre = statistics.fmean(logs)
    margin = quantile * statistics.stdev(logs) / math.sqrt(len(logs))
    return Interval(math.exp(centre), math.exp(centre - margin), math.exp(centre + margin))


def is_regression(ratio, tolerance):
    return ratio.low > 1 + tolerance


def describe(ratio, tolerance):
    if is_regression(ratio, tolerance):
        return "regression"
    if ratio.low > 1:
        return "slower, within the tolerance"
    return "faster" if ratio.high < 1 else "no difference seen"


def verdict(ratios, tolerance, other_load):
    """The exit status. On a busy machine neither a regression nor its absence is believed."""
    if other_load > MOST_OTHER_LOAD:
        return TOO_BUSY
    return REGRESSION if any(is_regression(ratio, tolerance) for ratio in ratios) else PASSED


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"
