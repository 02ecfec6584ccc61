"""Writes embed/testdata/npy: small arrays in every layout that embed.ReadNPY reads, as NumPy writes them.

usage: npy.py OUTDIR
"""

import os
import sys

import numpy as np
from numpy.lib import format as npy


def main(out):
    os.makedirs(out, exist_ok=True)
    # Row i, column j holds (i*5 + j - 7) / 4: exact in each of the three types.
    x = ((np.arange(35).reshape(7, 5) - 7) / 4).astype(np.float64)
    for kind in "f2", "f4", "f8":
        for order, word in ("<", "little"), (">", "big"):
            for layout in "C", "F":
                a = np.array(x, dtype=order + kind, order=layout)
                for version in (1, 0), (2, 0), (3, 0):
                    with open(f"{out}/{kind}-{word}-{layout}-v{version[0]}.npy", "wb") as f:
                        npy.write_array(f, a, version=version)
    np.save(f"{out}/none.npy", np.zeros((0, 384), np.float32))
    np.save(f"{out}/vector.npy", np.zeros(3, np.float32))
    np.save(f"{out}/cube.npy", np.zeros((2, 2, 2), np.float32))
    np.save(f"{out}/int.npy", np.zeros((2, 2), np.int64))
    np.save(f"{out}/fields.npy", np.zeros((2, 2), [("a", "<f4"), ("b", "<f4")]))
    np.save(f"{out}/object.npy", np.array([[None, "a"]], dtype=object), allow_pickle=True)
    with open(f"{out}/VERSION", "w") as f:
        f.write(f"numpy {np.__version__}\n")


if __name__ == "__main__":
    main(sys.argv[1])
