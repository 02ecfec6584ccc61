"""Golden file for supervised.Logistic: scikit-learn's on generated points. Run with scikit-learn 1.9.1 and numpy."""
import gzip, json, sys
import numpy as np, sklearn
from sklearn.linear_model import LogisticRegression

rng = np.random.default_rng(7)
cases = []
for n, d, k, spread, c in [(90, 5, 3, 1.0, 1.0), (200, 12, 5, 2.0, 0.1), (150, 3, 2, 1.5, 10.0), (60, 20, 4, 1.0, 1.0)]:
    centres = rng.normal(size=(k, d))
    y = np.arange(n) % k
    x = (centres[y] + spread * rng.normal(size=(n, d))).astype(np.float32)
    new = (centres[rng.integers(k, size=20)] + spread * rng.normal(size=(20, d))).astype(np.float32)
    m = LogisticRegression(C=c, tol=1e-10, max_iter=100000).fit(x.astype(float), y)
    cases.append(dict(x=x.tolist(), y=y.tolist(), c=c, new=new.tolist(), p=np.max(m.predict_proba(new.astype(float)), axis=1).tolist(),
                      label=m.predict(new.astype(float)).tolist()))
with gzip.GzipFile(sys.argv[1], "w", mtime=0) as f:
    f.write(json.dumps(dict(versions=dict(sklearn=sklearn.__version__, numpy=np.__version__), cases=cases)).encode())
