"""What scripts/growth.py makes of measurements."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from growth import judge


def rules(known=(), limits=None):
    return {"slack": 1.15, "limits": limits or {}, "known to grow": list(known)}


# A unit's instructions by size.
CONSTANT = {1000: 500, 10000: 505}
LOGARITHMIC = {1000: 300, 10000: 400}
LINEAR = {1000: 500, 10000: 1400}
TOO_SLOW = {1000: 500, 10000: None}


class Judge(unittest.TestCase):
    def test_a_unit_may_cost_the_same_or_as_much_more_as_a_logarithm(self):
        self.assertEqual(judge({"joins": CONSTANT, "names": LOGARITHMIC},
                               rules()), [])

    def test_it_must_not_cost_more_the_more_there_are(self):
        self.assertEqual(judge({"joins": CONSTANT, "leaves": LINEAR}, rules()),
                         ["leaves grows"])

    def test_what_is_not_done_in_time_grows(self):
        self.assertEqual(judge({"leaves": TOO_SLOW}, rules()),
                         ["leaves grows"])

    def test_what_is_known_to_grow_may(self):
        self.assertEqual(judge({"leaves": LINEAR}, rules(["leaves"])), [])

    def test_the_list_of_the_known_ones_has_to_shrink(self):
        fault, = judge({"leaves": CONSTANT}, rules(["leaves"]))
        self.assertIn("leaves does not grow any more", fault)

    def test_a_known_one_that_nobody_measures_is_a_fault(self):
        fault, = judge({"joins": CONSTANT}, rules(["leavse"]))
        self.assertIn("leavse is known to grow, but was not measured", fault)

    def test_a_limit_counts_whatever_the_growth(self):
        limits = {"turns": 0.25}
        self.assertEqual(judge({"turns": {1000: 0.01, 10000: 0.2}},
                               rules(limits=limits)), [])
        self.assertEqual(judge({"turns": {1000: 1.0, 10000: 1.0}},
                               rules(limits=limits)), ["turns grows"])


if __name__ == "__main__":
    unittest.main()
