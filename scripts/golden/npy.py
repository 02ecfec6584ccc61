"""Writes embed/testdata/npy: small arrays in every layout that embed.ReadNPY reads, as NumPy writes them.

values.npy has the edges of the numbers in float64; headers.json maps "rows,columns" to the header that numpy.save writes.

usage: npy.py OUTDIR
"""

import io
import json
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
    tiny, top = np.finfo(np.float32).smallest_subnormal, np.finfo(np.float32).max
    edges = [0.0, -0.0, 1 / 3, 1e-300, 5e-324, float(tiny), float(tiny) / 2, float(tiny) * 0.75, float(top), -float(top), 3.40282356e38, 1 + 2**-24, 1 + 3 * 2**-24, -1e-40]
    np.save(f"{out}/values.npy", np.array([edges]))
    np.save(f"{out}/values-f4.npy", np.array([edges]).astype(np.float32))
    headers = {}
    for rows, cols in (0, 0), (0, 384), (1, 1), (7, 5), (9, 1), (10, 1), (12345, 384), (10**9, 768), (2**40, 3), (2**62, 1):
        f = io.BytesIO()
        npy.write_array_header_1_0(f, {"descr": "<f4", "fortran_order": False, "shape": (rows, cols)})
        headers[f"{rows},{cols}"] = f.getvalue().decode("latin-1")
    with open(f"{out}/headers.json", "w") as f:
        json.dump(headers, f, indent=1)
        f.write("\n")
    with open(f"{out}/VERSION", "w") as f:
        f.write(f"numpy {np.__version__}\n")


if __name__ == "__main__":
    main(sys.argv[1])
