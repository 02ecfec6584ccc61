"""Writes study/stats/testdata/golden.json.gz: what scipy, statsmodels and lifelines make of small generated samples.

Bootstrap resamples are drawn here by the generator of internal/rng, written anew, and handed to scipy's bootstrap as its
distribution, so that the intervals can be compared to the last digits and not only on average. A bound that is not reached
is the string "inf".

usage: stats.py OUTDIR
"""

import gzip
import json
import math
import sys
import warnings

import lifelines
import numpy as np
import scipy
import statsmodels
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times, qth_survival_time
from scipy import stats
from scipy.stats._resampling import BootstrapResult
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

warnings.filterwarnings("ignore")
MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def draws(seed, item, n):
    """n numbers below n, of the stream of the item."""
    s = mix((seed + GOLDEN) & MASK)
    s = mix((((s << 32) | (s >> 32)) & MASK) ^ mix((item + GOLDEN) & MASK))
    out = []
    for _ in range(n):
        s = (s + GOLDEN) & MASK
        out.append((mix(s) * n) >> 64)
    return out


def number(v):
    v = float(v)
    return "inf" if math.isinf(v) else None if math.isnan(v) else v


def ranks(rng):
    shapes = [
        (rng.permutation(9)[:4], rng.normal(size=3)),
        (np.arange(8) + 0.5, rng.permutation(40)),
        (rng.normal(size=8), rng.normal(size=9) + 1),
        (rng.normal(size=1), rng.normal(size=25)),
        (rng.normal(size=5), rng.normal(size=400)),
        (rng.normal(size=9), rng.normal(size=9)),
        (rng.normal(size=60), rng.normal(size=45) + 0.4),
        (rng.integers(0, 5, 30), rng.integers(1, 6, 50)),
        (rng.integers(0, 3, 4), rng.integers(0, 3, 5)),
        (rng.lognormal(2, 2, 300).round(), rng.lognormal(2.3, 2, 500).round()),
        (np.array([1, 2, 3]), np.array([4, 5, 6, 7])),
        (np.array([1, 2]), np.array([1, 2])),
        (np.array([3, 3, 3]), np.array([3, 3])),
    ]
    out = []
    for x, y in shapes:
        x, y = np.asarray(x, float), np.asarray(y, float)
        r = stats.mannwhitneyu(x, y)
        p = 1.0 if np.isnan(r.pvalue) else r.pvalue
        d = np.sign(x[:, None] - y[None, :])
        n, m = d.shape
        delta = d.mean()
        case = {"X": x.tolist(), "Y": y.tolist(), "U": r.statistic, "P": p, "Delta": delta}
        if n > 1 and m > 1 and abs(delta) < 1:
            # Cliff's unbiased variance and the interval of Feng and Cliff, from the whole matrix.
            var = (
                m * m * ((d.mean(1) - delta) ** 2).sum()
                + n * n * ((d.mean(0) - delta) ** 2).sum()
                - ((d - delta) ** 2).sum()
            ) / (n * m * (n - 1) * (m - 1))
            var = max(var, (1 - delta**2) / (n * m - 1))
            z = stats.norm.ppf(0.975)
            half = z * np.sqrt(var) * np.sqrt((1 - delta**2) ** 2 + z * z * var)
            scale = 1 - delta**2 + z * z * var
            case["Low"], case["High"] = (delta - delta**3 - half) / scale, (delta - delta**3 + half) / scale
        out.append(case)
    return out


def shares():
    out = []
    for a, n, b, m in [
        (3, 10, 7, 12), (0, 8, 5, 9), (134, 181, 304, 694), (40, 90, 500, 1000), (1, 400, 9, 700), (2, 30, 28, 31), (10, 10, 10, 10),
        (0, 5, 0, 7), (5, 5, 0, 6), (9000, 20000, 9100, 20010), (1, 2, 1, 2), (3, 6, 900, 1800),
    ]:
        table = np.array([[a, n - a], [b, m - b]])
        expected = stats.contingency.expected_freq(table)
        exact = bool(expected.min() < 5)
        p = stats.fisher_exact(table)[1] if exact else proportions_ztest([a, b], [n, m])[1]
        # Haldane and Anscombe add half a case to every cell; shift_zeros would change the empty ones alone.
        odds = Table2x2(table + 0.5 if table.min() == 0 else table)
        out.append({
            "A": a, "N": n, "B": b, "M": m, "Exact": exact, "P": p, "Difference": a / n - b / m,
            "DifferenceInterval": list(confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff")),
            "OddsRatio": odds.oddsratio, "OddsRatioInterval": list(odds.oddsratio_confint()),
            "Wilson": list(proportion_confint(a, n, method="wilson")),
        })  # fmt: skip
    return out


def survival(rng):
    out = []
    for n, censored, whole in [(12, 0.3, False), (50, 0.7, False), (200, 0.5, True), (30, 0.0, True), (9, 1.0, False), (300, 0.45, False), (1, 0, True)]:
        def sample(shift):
            t = rng.lognormal(2 + shift, 1.5, n)
            t = np.floor(t) if whole else t.round(6)
            return t, rng.random(n) >= censored

        (t, e), (u, f) = sample(0), sample(0.5)
        km = KaplanMeierFitter().fit(t, e)
        ci = km.confidence_interval_
        curve = []
        for at in np.quantile(t, [0, 0.1, 0.33, 0.5, 0.8, 1]):
            at = float(at)
            row = ci.loc[:at].iloc[-1]
            curve.append([at, float(km.predict(at)), float(row.iloc[0]), float(row.iloc[1])])
        quantiles = []
        for p in (0.25, 0.5, 0.75):
            low, high = (qth_survival_time(1 - p, ci.iloc[:, [j]]) for j in range(2))
            quantiles.append([p, number(qth_survival_time(1 - p, km.survival_function_)), number(low), number(high)])
        assert number(km.median_survival_time_) == quantiles[1][1]
        assert [number(v) for v in median_survival_times(ci).iloc[0]] == quantiles[1][2:]
        out.append({
            "T": t.tolist(), "E": e.tolist(), "U": u.tolist(), "F": f.tolist(), "Curve": curve, "Quantiles": quantiles,
            "LogRank": number(logrank_test(t, u, e, f).p_value) if (e.any() or f.any()) else None,
        })  # fmt: skip
    return out


def kendall(rng):
    pairs = [(rng.permutation(n), rng.permutation(n)) for n in (2, 3, 4, 9, 17, 33, 34, 80)]
    pairs += [(rng.integers(0, 6, 12), rng.integers(0, 6, 12)), (rng.normal(size=17), rng.integers(0, 3, 17))]
    pairs += [(np.arange(50), np.arange(50)), (np.arange(10), -np.arange(10)), (np.array([1, 1, 2]), np.array([1, 2, 3]))]
    swapped = np.arange(60)
    swapped[[10, 11]] = swapped[[11, 10]]
    pairs.append((np.arange(60), swapped))
    out = []
    for x, y in pairs:
        r = stats.kendalltau(x, y)
        out.append({"X": x.tolist(), "Y": y.tolist(), "Tau": r.statistic, "P": r.pvalue})
    return out


def bootstrap(rng):
    out = []
    samples = [rng.integers(0, 50, 7), rng.integers(0, 1000, 40), rng.lognormal(3, 2, 101), rng.normal(size=64), rng.integers(0, 3, 30), np.array([1, 5])]
    for k, x in enumerate(samples):
        x = np.asarray(x, float)
        s = np.sort(x)
        seed, resamples = 1000 + k, 500
        drawn = s[np.array([draws(seed, r, len(s)) for r in range(resamples)])]
        case = {"X": x.tolist(), "Seed": seed, "Resamples": resamples, "Intervals": []}
        for name, f in (("mean", np.mean), ("median", np.median)):
            for method in ("BCa", "percentile"):
                given = BootstrapResult(confidence_interval=None, bootstrap_distribution=f(drawn, axis=1), standard_error=None)
                r = stats.bootstrap((s,), f, n_resamples=0, confidence_level=0.9, method=method, bootstrap_result=given)
                low, high = r.confidence_interval
                case["Intervals"].append([name, method, number(low), number(high)])
        out.append(case)
    return out


def main(out):
    rng = np.random.default_rng(20261125)
    p = [0.01, 0.04, 0.03, 0.005, 0.6, 0.04, 1.0]
    x = np.round(rng.lognormal(3, 1, 31), 3)
    doc = {
        "versions": {m.__name__: m.__version__ for m in (scipy, statsmodels, lifelines, np)},
        "Ranks": ranks(rng),
        "Shares": shares(),
        "Survival": survival(rng),
        "Kendall": kendall(rng),
        "Bootstrap": bootstrap(rng),
        "Holm": {"P": p, "Adjusted": multipletests(p, method="holm")[1].tolist()},
        "Quantiles": {"X": x.tolist(), "Values": [[q, float(np.quantile(x, q))] for q in (0, 0.1, 0.25, 0.5, 0.75, 0.99, 1)], "Mean": float(x.mean())},
    }
    blob = json.dumps(doc, separators=(",", ":"), allow_nan=False).encode()
    with open(f"{out}/golden.json.gz", "wb") as f:
        f.write(gzip.compress(blob, 9, mtime=0))
    print(len(blob), "bytes of JSON")


if __name__ == "__main__":
    main(sys.argv[1])
