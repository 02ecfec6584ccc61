"""Writes internal/safetensors/testdata/values.safetensors and values.json: tensors of many types and shapes as the Python
safetensors library writes them, and what they hold.

values.json has, for each tensor, its type and shape, and for the types of floats the bits of each value as float32 (by
PyTorch), for I8 the values.

usage: safetensors_values.py OUTDIR
"""

import json
import os
import sys

import safetensors
import safetensors.torch
import torch


def bits(t, kind):
    return t.contiguous().view(kind)


def tensors():
    wide = [0, 1, 2, 0x007FFFFF, 0x00800000, 0x3F800000, 0x3F800001, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 0x7F800001, 0x42F6E979]
    wide = torch.tensor(wide + [w - 2**31 for w in wide], dtype=torch.int32)  # each with either sign
    half = [0, 1, 2, 0x1FF, 0x200, 0x3FF, 0x400, 0x401, 0x3BFF, 0x3C00, 0x3C01, 0x5640, 0x7BFF, 0x7C00, 0x7C01, 0x7E00, 0x7FFF]
    half = torch.tensor(half + [h - 2**15 for h in half], dtype=torch.int16)
    brain = [0, 1, 0x7F, 0x80, 0x3F80, 0x3F81, 0x7F7F, 0x7F80, 0x7F81, 0x7FC0, 0x42F7]
    brain = torch.tensor(brain + [b - 2**15 for b in brain], dtype=torch.int16)
    double = [0.0, -0.0, 1 / 3, 1e-300, 5e-324, 1e-46, 1.4e-45, 1e-40, 3.4028235677973366e38, 3.4028234663852886e38, 1e300, float("inf"), float("-inf"), float("nan")]
    return {
        "float32": bits(wide, torch.float32).reshape(2, 3, 4),
        "float16": bits(half, torch.float16).reshape(2, 17),
        "bfloat16": bits(brain, torch.bfloat16),
        "float64": torch.tensor(double, dtype=torch.float64).reshape(7, 2),
        "int8": torch.arange(-128, 128, dtype=torch.int16).to(torch.int8).reshape(16, 16),
        "scalar": torch.tensor(1.5),
        "empty": torch.zeros((0, 3)),
        "empty too": torch.zeros((4, 0), dtype=torch.int8),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "int64": torch.tensor([[-(2**63), 2**63 - 1]]),
        "bool": torch.tensor([True, False]),
        'a "name" \\ with <things>, ü and 🙂\n': torch.tensor([2.5], dtype=torch.float16),
    }


NAMES = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int8: "I8", torch.uint8: "U8", torch.int64: "I64", torch.bool: "BOOL"}


def main(out):
    os.makedirs(out, exist_ok=True)
    ts = tensors()
    safetensors.torch.save_file(ts, f"{out}/values.safetensors", metadata={"format": 'pt "quoted" ü'})
    doc = {"versions": {"safetensors": safetensors.__version__, "torch": torch.__version__}, "tensors": {}}
    for name, t in ts.items():
        entry = {"dtype": NAMES[t.dtype], "shape": list(t.shape)}
        if t.dtype.is_floating_point:
            entry["float32"] = [b % 2**32 for b in bits(t.float(), torch.int32).flatten().tolist()]
        if t.dtype == torch.int8:
            entry["int8"] = t.flatten().tolist()
        doc["tensors"][name] = entry
    with open(f"{out}/values.json", "w") as f:
        json.dump(doc, f, separators=(",", ":"))
        f.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
