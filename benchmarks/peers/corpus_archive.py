"""Packs a file into a .7z and unpacks it: python corpus_archive.py pack|unpack METHOD FROM TO. Prints JSON."""

import json
import sys
import time

import py7zr
import py7zr.compressor

# py7zr writes seven bytes of properties for PPMd, of which the last two are zero, where 7-Zip writes five.
encode = py7zr.compressor.PpmdCompressor.encode_filter_properties
decode = py7zr.compressor.PpmdCompressor._decode_property
unpacker = py7zr.compressor.PpmdDecompressor.__init__
py7zr.compressor.PpmdCompressor.encode_filter_properties = staticmethod(lambda f: encode(f)[:5])
py7zr.compressor.PpmdCompressor._decode_property = lambda self, b: decode(self, b + b"\0\0")
py7zr.compressor.PpmdDecompressor.__init__ = lambda self, b, *rest: unpacker(self, b + b"\0\0", *rest)

FILTERS = {
    "bzip2": [{"id": py7zr.FILTER_BZIP2}],
    "lzma2": [{"id": py7zr.FILTER_LZMA2, "preset": 6}],
    "ppmd": [{"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}],
    "zstd": [{"id": py7zr.FILTER_ZSTD, "level": 3}],
}


def main(what, method, source, to):
    begin = time.perf_counter()
    if what == "pack":
        with py7zr.SevenZipFile(to, "w", filters=FILTERS[method]) as z:
            z.write(source, "Posts.xml")
    else:
        with py7zr.SevenZipFile(source, "r") as z:
            z.extractall(to)
    print(json.dumps({"seconds": time.perf_counter() - begin}))


if __name__ == "__main__":
    main(*sys.argv[1:])
