"""Writes study/testdata/golden.json.gz: threads that are generated, with much left unknown, and their figures by pandas,
scipy, statsmodels and lifelines.

threads: [{"topic", "created", "seen", "views", ..., "accepted", "accepted_at", "first_reply_at"}], times in seconds since 1970,
null where unknown. groups: the figures of two corpora per topic, −2 for a whole corpus. tests: those of study.Compare of the
first corpus with the second and of study.Contrast of the first. correlations: those of study.Correlate of the first.

usage: study.py OUTDIR
"""

import gzip
import json
import math
import sys
import warnings

import lifelines
import numpy as np
import pandas as pd
import scipy
import statsmodels
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import median_survival_times, qth_survival_time
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

warnings.filterwarnings("ignore")
HOUR = 3600.0
NUMBERS = ["views", "score", "favorites", "likes", "replies"]


def number(v):
    v = float(v)
    return "inf" if math.isinf(v) else None if math.isnan(v) else v


def quantile(km, q):
    """The first time at which q or less go on; lifelines sums logarithms, after which one half may be a little more."""
    return qth_survival_time(q, km.survival_function_.round(12))


def generate(rng, n, topics, start, likes):
    def maybe(values, known):
        return [v if k else None for v, k in zip(values.tolist(), rng.random(n) < known)]

    created = start + np.sort(rng.integers(0, 400 * 24 * 3600, n))
    end = int(start + 420 * 24 * 3600)
    replies = rng.negative_binomial(0.8, 0.2, n)
    rows = []
    views, score = maybe(rng.lognormal(5, 1.5, n).round().astype(int), 0.9), maybe(rng.integers(-3, 12, n), 1)
    favorites, liked = maybe(rng.poisson(1.2, n), 0.5), maybe(rng.poisson(3, n), likes)
    for i in range(n):
        r, c = int(replies[i]), int(created[i])
        first = None if r == 0 else c + int(rng.lognormal(10, 2))
        accepted = None if rng.random() < 0.1 else bool(r > 0 and rng.random() < 0.5)
        at = None
        if accepted and rng.random() < 0.9:
            at = c + int(rng.lognormal(11, 2)) - (200_000 if rng.random() < 0.05 else 0)
        rows.append({
            "topic": int(rng.integers(-1, topics)), "created": c if rng.random() < 0.97 else None, "seen": end if rng.random() < 0.5 else None,
            "views": views[i], "score": score[i], "favorites": favorites[i], "likes": liked[i],
            "replies": r if rng.random() < 0.95 else None, "accepted": accepted, "accepted_at": at,
            "first_reply_at": first if rng.random() < 0.9 else None,
        })  # fmt: skip
    return rows


def durations(d, until, at, happened):
    """Hours and whether they have ended, and how many threads are left out."""
    known = d[happened.notna()]
    ended = happened[happened.notna()].astype(bool)
    end = known[at].where(ended, known.seen.fillna(until))
    hours = (end - known.created) / HOUR
    fit = hours.notna() & (hours >= 0)
    return hours[fit], ended[fit], int((~fit).sum())


def timed(d, until):
    accepted = d.accepted
    answered = pd.Series([None] * len(d), index=d.index, dtype=object)
    answered[d.replies.notna()] = d.replies[d.replies.notna()] > 0
    answered[d.first_reply_at.notna()] = True
    return {"hours_to_accepted": durations(d, until, "accepted_at", accepted), "hours_to_answer": durations(d, until, "first_reply_at", answered)}


def group(d, until):
    g = {"threads": len(d)}
    for m in NUMBERS:
        x = d[m].dropna()
        g[m] = {"n": len(x), "mean": number(x.mean()), "median": number(x.median()), "q1": number(x.quantile(0.25)), "q3": number(x.quantile(0.75))}
    for m, known, count in (
        ("no_accepted", d.accepted.notna(), (d.accepted == False).sum()),  # noqa: E712
        ("no_answer", d.replies.notna(), (d.replies == 0).sum()),
    ):
        n, count = int(known.sum()), int(count)
        g[m] = {"n": n, "count": count, "share": count / n, "interval": list(proportion_confint(count, n, method="wilson"))}
    for m, (hours, ended, left_out) in timed(d, until).items():
        x = hours[ended]
        km = KaplanMeierFitter().fit(hours, ended)
        q1, middle, q3 = (quantile(km, q) for q in (0.75, 0.5, 0.25))
        g[m] = {
            "n": len(x), "open": int((~ended).sum()), "left_out": left_out, "mean": number(x.mean()), "median": number(x.median()),
            "q1": number(x.quantile(0.25)), "q3": number(x.quantile(0.75)),
            "waiting": [number(v) for v in (q1, middle, q3, *median_survival_times(km.confidence_interval_).iloc[0])],
        }  # fmt: skip
    bands = pd.cut(d.replies.dropna(), [-1, 0, 2, 5, 10, np.inf]).value_counts(sort=False)
    g["bands"] = [int(v) for v in bands]
    return g


def test_all(pairs, until_x, until_y):
    """pairs: [(topic, threads, baseline threads)]"""
    out = []
    families = [(m, "ranks") for m in NUMBERS[:4]] + [("no_accepted", "shares"), ("no_answer", "shares"), ("replies", "ranks")]
    families += [(m, kind) for m in ("hours_to_accepted", "hours_to_answer") for kind in ("ranks", "logrank")]
    for m, kind in families:
        family = []
        for topic, d, e in pairs:
            if kind == "shares":
                column = "accepted" if m == "no_accepted" else "replies"
                x, y = d[column].dropna(), e[column].dropna()
                a, b = int((x == 0).sum()), int((y == 0).sum())
                table = np.array([[a, len(x) - a], [b, len(y) - b]])
                if stats.contingency.expected_freq(table).min() < 5:
                    p = stats.fisher_exact(table)[1]
                else:
                    p = proportions_ztest([a, b], [len(x), len(y)])[1]
                row = {"value": a / len(x), "baseline": b / len(y), "effect": a / len(x) - b / len(y)}
            else:
                if m in NUMBERS:
                    x, y = d[m].dropna(), e[m].dropna()
                else:
                    (x, xe, _), (y, ye, _) = timed(d, until_x)[m], timed(e, until_y)[m]
                    if kind == "ranks":
                        x, y = x[xe], y[ye]
                if kind == "ranks":
                    p = stats.mannwhitneyu(x, y).pvalue
                    effect = float(np.sign(x.values[:, None] - y.values[None, :]).mean())
                    row = {"value": x.median(), "baseline": y.median(), "effect": effect}
                else:
                    p = logrank_test(x, y, xe, ye).p_value
                    row = {"value": number(quantile(KaplanMeierFitter().fit(x, xe), 0.5)), "baseline": number(quantile(KaplanMeierFitter().fit(y, ye), 0.5)), "effect": None}
            row |= {"measure": m, "kind": kind, "topic": topic, "n": len(x), "m": len(y), "p": float(p)}
            family.append(row)
        for row, holm in zip(family, multipletests([r["p"] for r in family], method="holm")[1]):
            row["holm"] = float(holm)
        out += family
    return out


def correlate(groups):
    rows = [g for t, g in groups.items() if t >= 0]
    out, p = [], []
    for popular in NUMBERS[:4]:
        for difficult, figure in (("no_accepted", "share"), ("no_answer", "share"), ("hours_to_accepted", "median"), ("hours_to_answer", "median")):
            r = stats.kendalltau([g[popular]["mean"] for g in rows], [g[difficult][figure] for g in rows])
            out.append({"popularity": popular, "difficulty": difficult, "topics": len(rows), "tau": float(r.statistic), "p": float(r.pvalue)})
            p.append(float(r.pvalue))
    for row, holm in zip(out, multipletests(p, method="holm")[1]):
        row["holm"] = float(holm)
    return out


def main(out):
    rng = np.random.default_rng(11)
    first, second = generate(rng, 260, 6, 1_600_000_000, 0.8), generate(rng, 90, 1, 1_500_000_000, 1)
    frames = [pd.DataFrame(c).astype({"accepted": object}) for c in (first, second)]
    untils = [float(np.nanmax(d[["created", "seen", "accepted_at", "first_reply_at"]].astype(float))) for d in frames]
    groups = []
    for d, until in zip(frames, untils):
        per = {-2: group(d, until)} | {int(t): group(e, until) for t, e in d.groupby("topic")}
        groups.append(per)
    a, b = frames
    topics = sorted(a.topic.unique())
    doc = {
        "versions": {m.__name__: m.__version__ for m in (pd, scipy, statsmodels, lifelines, np)},
        "corpora": [first, second],
        "groups": [[{"topic": t} | g for t, g in per.items()] for per in groups],
        "compare": test_all([(-2, a, b)] + [(int(t), a[a.topic == t], b) for t in topics], untils[0], untils[1]),
        "contrast": test_all([(int(t), a[a.topic == t], a[a.topic != t]) for t in topics if t >= 0], untils[0], untils[0]),
        "correlations": correlate(groups[0]),
    }
    blob = json.dumps(doc, separators=(",", ":"), allow_nan=False).encode()
    with open(f"{out}/golden.json.gz", "wb") as f:
        f.write(gzip.compress(blob, 9, mtime=0))
    print(len(blob), "bytes of JSON")


if __name__ == "__main__":
    main(sys.argv[1])
