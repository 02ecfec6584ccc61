"""Make the figures of a study with pandas, scipy, statsmodels and lifelines.

    study.py TASK.json

TASK.json has a subject and baselines: lists of views, score, favorites, replies (null where unknown), accepted, hours to
the accepted answer with whether it came (below 0 where unknown), and the topic of each thread of the subject. Prints one
JSON object: the seconds that the figures took, reading not counted, and some of them.
"""
import json
import sys
import time
import warnings

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

warnings.simplefilter("ignore")
NUMBERS = ("views", "score", "favorites", "replies")


def frame(field):
    d = {name: pd.array(field[name], dtype="Float64").to_numpy(float, na_value=np.nan) for name in NUMBERS}
    d["accepted"] = [np.nan if v is None else float(v) for v in field["accepted"]]
    d["hours"], d["ended"] = np.array(field["hours"]).reshape(-1, 2).T
    if field["topics"]:
        d["topic"] = field["topics"]
    return pd.DataFrame(d)


def interval(x, statistic):
    if len(x) < 2 or np.ptp(x) == 0:
        return None
    return stats.bootstrap((x,), statistic, n_resamples=2000, method="BCa", batch=200, random_state=42).confidence_interval


def measure(d):
    out = {}
    for name in NUMBERS:
        x = d[name].dropna().to_numpy()
        if len(x):
            out[name] = (np.mean(x), np.median(x), *np.quantile(x, [0.25, 0.75]), interval(x, np.mean), interval(x, np.median))
    for share in (1 - d["accepted"].dropna(), (d["replies"].dropna() == 0).astype(float)):
        if len(share):
            proportion_confint(share.sum(), len(share), method="wilson")
    h = d[d["hours"] >= 0]
    if len(h):
        KaplanMeierFitter().fit(h["hours"], h["ended"]).median_survival_time_
        ended = h["hours"][h["ended"] == 1].to_numpy()
        if len(ended):
            np.median(ended), np.quantile(ended, [0.25, 0.75]), interval(ended, np.median)
    return out


def compare(pairs):
    found = {}
    for name in NUMBERS:
        p = []
        for a, b in pairs:
            x, y = a[name].dropna(), b[name].dropna()
            if len(x) and len(y):
                u = stats.mannwhitneyu(x, y, method="asymptotic")
                2 * u.statistic / (len(x) * len(y)) - 1  # Cliff's delta
                p.append(u.pvalue)
        if p:
            found[name] = multipletests(p, method="holm")[1]
    p = []
    for a, b in pairs:
        x, y = a["accepted"].dropna(), b["accepted"].dropna()
        if len(x) and len(y):
            table = [[x.sum(), len(x) - x.sum()], [y.sum(), len(y) - y.sum()]]
            expected = stats.contingency.expected_freq(table)
            p.append(stats.fisher_exact(table)[1] if expected.min() < 5 else stats.chi2_contingency(table, correction=False)[1])
    if p:
        multipletests(p, method="holm")
    for a, b in pairs:
        x, y = a[a["hours"] >= 0], b[b["hours"] >= 0]
        if len(x) and len(y):
            logrank_test(x["hours"], y["hours"], x["ended"], y["ended"])
    return found


with open(sys.argv[1], encoding="utf-8") as f:
    task = json.load(f)
subject, baselines = frame(task["subject"]), [frame(b) for b in task["baselines"]]
began = time.perf_counter()
whole = [measure(d) for d in [subject, *baselines]]
topics = [t for _, t in subject.groupby("topic")]
by_topic = [measure(t) for t in topics]
compared = compare([(g, b) for b in baselines for g in [subject, *topics]])
contrast = compare([(t, subject.drop(t.index)) for t in topics if t["topic"].iloc[0] >= 0])
for popular in ("views", "score", "favorites"):
    x = [m[popular][0] for m, t in zip(by_topic, topics) if popular in m and t["topic"].iloc[0] >= 0]
    y = [1 - t["accepted"].mean() for m, t in zip(by_topic, topics) if popular in m and t["topic"].iloc[0] >= 0]
    if len(x) > 2:
        stats.kendalltau(x, y)
seconds = time.perf_counter() - began
figures = {}
for i, m in enumerate(whole):
    figures[f"replies: mean of {i}"], figures[f"replies: median of {i}"] = map(float, m["replies"][:2])
for name, tests in (("compared", compared), ("contrast", contrast)):
    for i, p in enumerate(tests["replies"]):
        figures[f"{name}: p of replies {i}"] = float(p)
print(json.dumps({"seconds": seconds, "figures": figures}))
