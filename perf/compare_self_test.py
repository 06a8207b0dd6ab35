"""The self-test of perf/compare: statistics, verdicts, and reading of the kernel's counters."""

import os
import statistics
import types
import unittest

from compare_generators import LoadTest, Wsload
from compare_servers import FLOOR, OtherLoad, Servers, busy_seconds
from compare_statistics import PASSED, REGRESSION, TOO_BUSY, Interval, describe, interval, verdict

TOLERANCE = 0.02


class Intervals(unittest.TestCase):
    def test_equal_ratios_have_no_width(self):
        self.assertAlmostEqual(interval([2.2, 3.3, 4.4], [2, 3, 4]).low, 1.1)
        self.assertAlmostEqual(interval([2.2, 3.3, 4.4], [2, 3, 4]).high, 1.1)

    def test_interval_is_that_of_a_textbook(self):
        # Logarithms 0, 0.1, 0.2: mean 0.1, standard error 0.1 / sqrt(3), quantile 4.303 with two degrees of freedom.
        found = interval([1, 1.1051709, 1.2214028], [1, 1, 1])
        self.assertAlmostEqual(found.ratio, 1.1051709, 6)
        self.assertAlmostEqual(found.low, 0.8621, 3)
        self.assertAlmostEqual(found.high, 1.4169, 3)

    def test_speed_of_the_machine_cancels_out(self):
        self.assertAlmostEqual(interval([1.2, 12], [1, 10]).high, 1.2)

    def test_many_rounds_use_the_normal_distribution(self):
        self.assertLess(interval([1.0, 1.1] * 20, [1.0] * 40).high, 1.07)

    def test_one_round_has_no_interval(self):
        with self.assertRaises(statistics.StatisticsError):
            interval([1], [1])


class Verdicts(unittest.TestCase):
    def test_regression_needs_the_whole_interval_above_the_tolerance(self):
        self.assertEqual(verdict([Interval(1.05, 1.021, 1.08)], TOLERANCE, 0), REGRESSION)
        self.assertEqual(verdict([Interval(1.05, 1.019, 1.08)], TOLERANCE, 0), PASSED)
        self.assertEqual(verdict([Interval(0.8, 0.7, 0.9), Interval(1.05, 1.021, 1.08)], TOLERANCE, 0), REGRESSION)

    def test_noise_and_gain_pass(self):
        self.assertEqual(verdict([Interval(1.3, 0.9, 1.9), Interval(0.8, 0.7, 0.9)], TOLERANCE, 0.05), PASSED)

    def test_busy_machine_says_nothing(self):
        self.assertEqual(verdict([Interval(1.05, 1.021, 1.08)], TOLERANCE, 0.051), TOO_BUSY)
        self.assertEqual(verdict([Interval(1, 0.9, 1.1)], TOLERANCE, 0.051), TOO_BUSY)

    def test_words(self):
        self.assertEqual(describe(Interval(1.05, 1.021, 1.08), TOLERANCE), "regression")
        self.assertEqual(describe(Interval(1.01, 1.005, 1.02), TOLERANCE), "slower, within the tolerance")
        self.assertEqual(describe(Interval(0.9, 0.8, 0.99), TOLERANCE), "faster")
        self.assertEqual(describe(Interval(1.3, 0.9, 1.9), TOLERANCE), "no difference seen")


class Loads(unittest.TestCase):
    STAT = ("cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 100 20 300 5000 40 6 70 8 50 0\ncpu1 1 0 0 0 0 0 0 0 0 0\ncpu10 1000 0 0 0 0 0 0 0 0 0\nintr 1 2\n")

    def test_idle_and_waiting_time_are_not_busy(self):
        self.assertAlmostEqual(busy_seconds(self.STAT, [0]) * os.sysconf("SC_CLK_TCK"), 504)

    def test_only_the_chosen_processors_count(self):
        self.assertAlmostEqual(busy_seconds(self.STAT, [0, 1]) * os.sysconf("SC_CLK_TCK"), 505)

    def test_own_work_is_no_other_load(self):
        load = OtherLoad.__new__(OtherLoad)
        load.began = (0.0, 0.0, 0.0)
        load.look = lambda: (10.0, 12.0, 11.0)
        self.assertAlmostEqual(load.share(), 0.05)
        load.look = lambda: (20.0, 12.0, 12.0)
        self.assertEqual(load.share(), 0)


class Rounds(unittest.TestCase):
    def test_each_server_is_under_load_at_its_own_port(self):
        servers = Servers.__new__(Servers)
        servers.ports = {("BASE", "talk"): (1, 2, 3), ("HEAD", "talk"): (4, 5, 6), FLOOR: (7,)}
        servers.pids = {("BASE", "talk"): 11, ("HEAD", "talk"): 12, FLOOR: 13}
        servers.generator = types.SimpleNamespace(take=lambda row, port, pid, is_floor, seconds: (port, pid, is_floor))
        row = Wsload.rows[0]
        self.assertEqual([servers.take(name, row, 1) for name in ("BASE", "HEAD", FLOOR)], [(1, 11, False), (4, 12, False), (7, 13, True)])

    def test_names_of_rows_differ(self):
        for generator in (Wsload, LoadTest):
            self.assertEqual(len({row.name for row in generator.rows}), len(generator.rows))


def run():
    tests = unittest.defaultTestLoader.loadTestsFromModule(__import__(__name__))
    return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1
