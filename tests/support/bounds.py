"""How far a measured share may lie from the true one before a test may call the profiler wrong.

The sampling error of a perfect profiler sets the bound, and the requirement caps it: ±4.5 points, ±2 points from 5,000
samples on. Each bound is crossed by a perfect profiler in at most one of 1,000 runs (FALSE_ALARM_RATE); a share that
would need a wider bound than the requirement has too few samples to be judged, and the test fails saying so.

Two models of the sampling error, of which the smaller holds:

  mixed    Work of both kinds is mixed more finely than samples are taken: binomial, sqrt(p(1-p)/n).
  blocks   Work runs in blocks much longer than the interval between samples. Only the interval that holds a
           border can be credited wrongly: its weight w goes to the block that runs when the sample falls. The error of
           a border is uniform in ±w/2 for regular samples (standard deviation 0.29 w) and 0.71 w or less for samples
           as irregular as those of a busy machine; we reckon with 0.71 w. A label with m blocks has 2 m borders, so
           the deviation of its share is w sqrt(m) / T, which is sqrt(m) / n since n = T / w.

tests/accuracy/test_bounds.py plays both models with a perfect profiler.
"""

import math

FALSE_ALARM_RATE = 1e-3
DEVIATIONS = 3.29  # two-sided, for that rate
CLOCK_ERROR = 0.001  # of a share: what the program's own clocks, and reading them, are off

NARROW, WIDE = 0.02, 0.045
NARROW_FROM_SAMPLES = 5000


class TooFewSamples(AssertionError):
    pass


def required(samples):
    """The requirement's own bound at this number of samples."""
    return NARROW if samples >= NARROW_FROM_SAMPLES else WIDE


def tolerance(share, samples, blocks=None):
    """Half the width of the interval around a true share. `blocks`: how many runs of work the label's time fell into."""
    if samples < 20:
        raise TooFewSamples("%d samples are too few to judge a share" % samples)
    # Near 0 and 1 a share is a handful of samples, and its distribution is skewed.
    skew = DEVIATIONS ** 2 * abs(1 - 2 * share) / (6 * samples)
    sampling = DEVIATIONS * math.sqrt(share * (1 - share) / samples) + skew + 0.5 / samples
    if blocks:
        sampling = min(sampling, (DEVIATIONS * math.sqrt(blocks) + 1) / samples)
    bound = sampling + CLOCK_ERROR
    if bound > required(samples):
        raise TooFewSamples("%d samples allow ±%.2f points for a share of %.0f %%, which is wider than the required "
                            "±%.1f: the program must run longer" % (samples, 100 * bound, 100 * share,
                                                                     100 * required(samples)))
    return bound


def within(measured, true, samples, blocks=None):
    """True if a perfect profiler would show this share, but for one run in 1,000."""
    return abs(measured - true) <= tolerance(true, samples, blocks)
