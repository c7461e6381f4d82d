"""What scripts/compare_report.py makes of measurements."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

REPORT = Path(__file__).parents[2] / "scripts" / "compare_report.py"


def run_of(server, rate, load=0.5, disturbed=False, at=1, **more):
    """One line of results.jsonl."""
    result = {"workload": "fanout", "settings": {"members": 100, "window": 1},
              "rate": rate, "server_cpu_us": 1e6 / rate,
              "load_cpu_share": load, **more}
    return {"row": "fanout", "round": at, "server": server,
            "disturbed": disturbed, "result": result}


def failure_of(server, at=1):
    return {"row": "fanout", "round": at, "server": server, "failed": True}


def report(*runs):
    """@returns what it prints, and the picture."""
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(json.dumps(x) + "\n" for x in runs)
        (Path(folder) / "results.jsonl").write_text(lines)
        done = subprocess.run([sys.executable, REPORT, folder],
                              check=True, capture_output=True, text=True)
        return done.stdout, (Path(folder) / "chart.svg").read_text()


class Report(unittest.TestCase):
    def test_a_ratio_is_the_median_of_the_rounds_ratios(self):
        # The machine is ten times slower in two of five rounds, and once so in
        # the midst of one: the medians alone would make it a ratio of 0.05.
        rates = [(1000, 500), (100, 50), (1000, 50), (100, 50), (1000, 500)]
        runs = [run_of(name, rate, at=i) for i, pair in enumerate(rates)
                for name, rate in zip(("troupe", "peer"), pair)]
        table, _ = report(*runs)
        self.assertIn("| peer | 50 | 0.50 | ", table)

    def test_it_tells_how_many_rounds_were_disturbed(self):
        table, _ = report(*(run_of(name, 10, disturbed=x, at=int(x))
                            for x in (True, False)
                            for name in ("troupe", "peer")))
        self.assertIn("fanout: 100 members** (2 rounds, 1 disturbed)", table)

    def test_it_marks_rates_that_the_load_may_have_held_down(self):
        table, _ = report(run_of("troupe", 123456, load=0.97),
                          run_of("peer", 1234))
        self.assertIn("| troupe | ≥ 123 000 |", table)
        self.assertIn("| peer | 1 230 |", table)

    def test_a_given_rate_is_judged_by_its_latency(self):
        table, _ = report(run_of("troupe", 1000, latency_p50_us=90,
                                 latency_p99_us=250))
        self.assertIn("latency, 99th percentile", table)
        self.assertIn("| troupe | 90 | 1.00 | 250 | 1.00 |", table)

    def test_it_names_the_unit_of_the_workload(self):
        run = run_of("troupe", 100)
        run["result"]["workload"] = "request"
        table, _ = report(run)
        self.assertIn("| requests per second |", table)
        self.assertIn("| CPU per request, µs |", table)

    def test_a_server_that_fails_loses_nobody_elses_figures(self):
        table, chart = report(
            run_of("troupe", 100, at=1), run_of("late", 50, at=1),
            failure_of("never", at=1), run_of("troupe", 1000, at=2),
            failure_of("late", at=2), failure_of("never", at=2))
        self.assertIn("2 rounds, 0 disturbed, never failed in 2, "
                      "late failed in 1)", table)
        self.assertIn("| late | 50 | 0.50 |", table)
        self.assertIn("| never | failed | - |", table)
        self.assertIn(">failed</text>", chart)

    def test_the_first_server_may_fail(self):
        table, _ = report(failure_of("troupe"), run_of("peer", 50))
        self.assertIn("| troupe | failed | - |", table)
        self.assertIn("| peer | 50 | - |", table)

    def test_several_rows_begin_with_what_the_servers_need_in_each(self):
        rows = [run_of(name, rate) | {"row": row} for row in ("a", "b")
                for name, rate in (("troupe", 1e6), ("peer", 5e5))]
        table, _ = report(*rows)
        self.assertTrue(table.startswith("|  | troupe | peer |"))
        self.assertIn("CPU per delivery, µs | 1 | 2 (2.00) |", table)

    def test_the_picture_has_a_bar_for_each_figure(self):
        _, chart = report(run_of("troupe", 10), run_of("a<b", 5))
        self.assertEqual(chart.count("<rect"), 1 + 4)
        self.assertIn("a&lt;b", chart)


if __name__ == "__main__":
    unittest.main()
