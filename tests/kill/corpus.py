#!/usr/bin/env python3
"""Writes a few small right inputs for every fuzz target, which libFuzzer then changes.

    corpus.py FOLDER      FOLDER/<target>/<input>, from files of this repository and by hand
"""
import io
import json
import struct
import sys
import tarfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MOST_BYTES = 20000  # of a seed: larger ones are slow and their changes hit little


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


# ---- images ----------------------------------------------------------------------------------

def exif(order, kind, value):
    """A TIFF block whose only entry is the orientation."""
    size = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4}[kind]
    short = "<" if order == b"II" else ">"
    packed = value.to_bytes(size, "little" if order == b"II" else "big").ljust(4, b"\0")
    return (order + struct.pack(short + "HIHHHI", 42, 8, 1, 0x112, kind, 1) + packed +
            struct.pack(short + "I", 0))


def png_chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(colour, depth, interlaced=0, extra=()):
    """A 9x7 picture; interlaced ones, whose passes have other rows, get zeros enough for them."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = bytes(1 + (9 * channels * depth + 7) // 8)
    rows = bytes(400) if interlaced else b"".join(
        row[:1] + bytes((40 * y + 7 * x) % 256 for x in range(len(row) - 1)) for y in range(7))
    if colour == 3:
        rows = bytes(len(rows))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 9, 7, depth, colour, 0, 0, interlaced))]
    chunks += [(b"PLTE", bytes(range(48)))] if colour == 3 else []
    chunks += list(extra) + [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*c) for c in chunks)


XMP = (b'<x:xmpmeta><rdf:RDF><rdf:Description tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>',
       b"<rdf:Description><tiff:Orientation>3</tiff:Orientation></rdf:Description>")


def png_seeds():
    for colour, depth in ((0, 1), (0, 8), (2, 8), (2, 16), (3, 2), (3, 8), (4, 8), (6, 8)):
        yield png(colour, depth)
        yield png(colour, depth, 1)
    yield png(2, 8, extra=[(b"eXIf", exif(b"MM", 3, 6))])
    yield png(2, 8, extra=[(b"tRNS", bytes(6))])
    text = b"XML:com.adobe.xmp\0"
    yield png(2, 8, extra=[(b"iTXt", text + b"\0\0\0\0" + XMP[0])])
    yield png(2, 8, extra=[(b"iTXt", text + b"\1\0\0\0" + zlib.compress(XMP[1]))])
    raw = b"\nexif\n%8d\n%s\n" % (len(exif(b"II", 3, 6)) + 6,
                                  (b"Exif\0\0" + exif(b"II", 3, 6)).hex().encode())
    yield png(2, 8, extra=[(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))])
    yield png(2, 8, extra=[(b"tEXt", b"Raw profile type exif\0" + raw)])
    for kind in (b"eXIf", b"iCCP", b"tEXt", b"zTXt", b"sPLT"):  # of a chunk that claims 1 GB
        yield png(2, 8, extra=[(kind, b"a\0")]).replace(b"\0\0\0\2" + kind, b"\x40\0\0\0" + kind)


def jpegs(count):
    with tarfile.open(ROOT / "tests/data/cifar10-mini.tar.gz") as tar:
        for member in tar:
            if member.name.endswith(".jpg"):
                yield tar.extractfile(member).read()
                count -= 1
            if count == 0:
                return


def jpeg_with(jpeg, marker, data):
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data + jpeg[2:]


def jpeg_seeds():
    plain = list(jpegs(3))
    yield from plain
    for order in (b"II", b"MM"):
        for kind in (3, 4, 9):
            yield jpeg_with(plain[0], 0xE1, b"Exif\0\0" + exif(order, kind, 6))
    for xmp in XMP:
        yield jpeg_with(plain[0], 0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp)
    yield plain[0][:-2]


def exif_seeds():
    for order in (b"II", b"MM"):
        for kind in (1, 3, 4, 6, 8, 9):
            yield exif(order, kind, 6)
    yield from XMP


# ---- data sets -------------------------------------------------------------------------------

def tar(names, mode="w", format=tarfile.PAX_FORMAT):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=format) as out:
        for name, data in names:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            out.addfile(member, io.BytesIO(data))
    return file.getvalue()


def tar_seeds():
    image = png(0, 8)
    small = [("train/cat/1.png", image), ("train/dog/2.PNG", image), ("test/cat/3.png", image)]
    for mode in ("w", "w:gz", "w:bz2", "w:xz"):
        yield tar(small, mode)
    for format in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        yield tar([("root/deep/" + name, data) for name, data in small], format=format)
    yield tar([("Train/" + "long/" * 30 + "1.png", image), ("@eaDir/2.png", image)])
    yield tar([("n01440764.tar", tar([("n01440764_1.png", image)])),
               ("n01443537.tar", tar([("n01443537_1.png", image)]))])
    yield tar(small[:1]) + tar(small[1:])
    yield tar([("n01440764_10026_n01440764.png", image), ("n01443537_2_n01443537.png", image)])
    yield tar([("a/x.jpg", list(jpegs(1))[0]), ("b/x.png", b"none"), ("b/.y.png", image)])


def datum(label, data, channels=3, encoded=False, floats=b""):
    fields = [(5, label), (7, int(encoded)), (1, channels), (2, 2), (3, 2)]
    record = b"".join(varint(field << 3) + varint(value) for field, value in fields)
    record += varint(4 << 3 | 2) + varint(len(data)) + data if data else b""
    return record + (varint(6 << 3 | 2) + varint(len(floats)) + floats if floats else b"")


def datum_seeds():
    yield datum(3, bytes(range(12)))
    yield datum(0, bytes(range(4)), channels=1)
    yield datum(9, png(2, 8), encoded=True)
    yield datum(1, b"", floats=struct.pack("<12f", *range(12)))
    yield datum(1, b"") + b"".join(varint(6 << 3 | 5) + struct.pack("<f", x) for x in range(12))


LMDB_PAGE = 4096


def lmdb_meta(number, records):
    """Its root, if it has records, is page 2."""
    none = 2 ** 64 - 1
    free = struct.pack("<IHH5Q", LMDB_PAGE, 8, 0, 0, 0, 0, 0, none)
    main = struct.pack("<IHH5Q", 0, 0, 1 if records else 0, 0, 1, 0, records, 2 if records else none)
    return (struct.pack("<QHHHH", number, 0, 8, 0, 0) +
            struct.pack("<IIQQ", 0xBEEFC0DE, 1, 0, 1 << 20) + free + main +
            struct.pack("<QQ", 2, number)).ljust(LMDB_PAGE, b"\0")


def lmdb(records):
    """One leaf: sorted pairs of key and value."""
    upper, places, nodes = LMDB_PAGE, b"", b""
    for key, value in records:
        node = struct.pack("<HHHH", len(value), 0, 0, len(key)) + key + value
        node += b"\0" * (len(node) % 2)
        upper -= len(node)
        places += struct.pack("<H", upper)
        nodes = node + nodes
    head = struct.pack("<QHHHH", 2, 0, 2, 16 + len(places), upper) + places
    leaf = head.ljust(LMDB_PAGE - len(nodes), b"\0") + nodes
    return lmdb_meta(0, 0) + lmdb_meta(1, len(records)) + leaf


def lmdb_seeds():
    values = list(datum_seeds())[:3]
    yield lmdb([(b"%08d_cat/%d.png" % (i, i), value) for i, value in enumerate(values)])
    yield lmdb([(b"n%d" % i, value) for i, value in enumerate(values)])
    yield lmdb([(b"", values[0])])  # a key that LMDB itself would refuse


def lists_seeds():
    for text in ("a.jpg 0\nb.jpg 1\nc d.png 1\n", "a.jpg\tcat\r\nb.jpg\tdog\r\nc d.png\tcat",
                 "1\n0\n1\n", "cat\rdog\rcat\r",
                 "ImageId,PredictionString\na,cat 1 2 3 4\nb,dog 1 2 3 4\n",
                 "image,label\na.jpg,0\nb.jpg,1\nc d.png,0\n", "/images/a.jpg 5\n"):
        yield text.encode()
        yield b"\xef\xbb\xbf" + text.encode() + b"\0cat\ndog\n"
    yield b"2\n1\n2\n\0dog\ncat\n\0cat\ndog\n"
    yield "a.jpg 0\n".encode("utf-16")


def cifar_seeds():
    record = bytes(range(256)) * 12
    yield b"cat\ndog\n\0\0" + record + b"\1" + record
    yield b"cat\r\n\r\n\0\0" + record


# ---- numbers ---------------------------------------------------------------------------------

def safetensors(tensors, metadata=None, pad=0):
    """tensors: (name, dtype, shape, bytes)."""
    header, at = {}, 0
    if metadata is not None:
        header["__metadata__"] = metadata
    for name, dtype, shape, data in tensors:
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode() + b" " * pad
    return struct.pack("<Q", len(text)) + text + b"".join(t[3] for t in tensors)


def safetensors_seeds():
    yield safetensors([])
    yield safetensors([("a", "F32", [2, 3], bytes(24)), ("b.weight", "F64", [], bytes(8))])
    yield safetensors([("a", "U8", [3], b"abc"), ("b", "I64", [2], bytes(16))], {"k": "v"}, 7)
    for dtype, size in (("F16", 2), ("BF16", 2), ("I32", 4), ("BOOL", 1)):
        yield safetensors([("module.features.0.weight", dtype, [1, 2], bytes(2 * size))])


STATE = {
    "epoch": 1, "position": 0, "step": 3, "lr": 0.01, "best_error": None, "best_signal": 0.5,
    "best_epoch": 1, "bad_epochs": 0, "drops": 0, "sum_loss": 1.5, "sum_images": 5, "sum_top1": 1,
    "sum_top5": 2, "seconds": 0.1, "wait_seconds": 0.0, "step_lr": 0.01, "grad_norm": 1.0,
    "statistics_images": 90, "classes": [f"class {i}" for i in range(10)], "data": "ab" * 16,
    "conv": "im2col", "gemm": "vec", "tuning": "",
}


def checkpoint(**changes):
    statistics = [("mean", [3]), ("deviation", [3]), ("covariance", [3, 3]), ("eigenvalues", [3]),
                  ("eigenvectors", [3, 3])]
    tensors = [(f"statistics/{name}", "F64", shape, bytes(8 * 3 ** len(shape)))
               for name, shape in statistics]
    tensors += [("mean_image", "F32", [2, 2, 3], bytes(48)),
                ("param/conv1.bias", "F32", [8], bytes(32))]
    metadata = {"format": "alexnet checkpoint 1", "name": "tiny", "state": json.dumps(STATE),
                "config": (ROOT / "configs/tiny.ini").read_text(), "checksum": ""}
    return safetensors(tensors, {**metadata, **changes})


def checkpoint_seeds():
    yield checkpoint()
    yield checkpoint(state=json.dumps({**STATE, "best_error": 1e308, "classes": []}))
    yield checkpoint(format="alexnet checkpoint 2")


def npy_seeds():
    for version, shape in ((1, "(2, 3)"), (2, "(6,)"), (3, "(1, 2, 3)"), (1, "()")):
        text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
        text = text.ljust(117 if version == 1 else 115) + b"\n"
        length = struct.pack("<H" if version == 1 else "<I", len(text))
        yield b"\x93NUMPY" + bytes([version, 0]) + length + text + bytes(24)


def field(number, data):
    """A protobuf field: bytes, or a number."""
    if isinstance(data, int):
        return varint(number << 3) + varint(data)
    return varint(number << 3 | 2) + varint(len(data)) + data


def onnx_seeds():
    """A product with weights that lie beside the model."""
    pairs = [(b"location", b"x"), (b"offset", b"4"), (b"length", b"24")]
    tensor = (field(1, 2) + field(1, 3) + field(2, 1) + field(8, b"w") + field(14, 1) +
              b"".join(field(13, field(1, key) + field(2, value)) for key, value in pairs))
    node = field(1, b"x") + field(1, b"w") + field(2, b"y") + field(4, b"MatMul")
    yield (field(1, 8) + field(7, field(1, node) + field(5, tensor) + field(11, field(1, b"x"))) +
           field(8, field(2, 17)))


def statistics_seeds():
    yield struct.pack("<8sQQ15d", b"alxstat1", 2, 9, *[1.0] * 15) + bytes(48)


# ---- texts -----------------------------------------------------------------------------------

def config_seeds():
    for path in sorted(ROOT.glob("configs/*.ini")):
        yield path.read_bytes()
    tiny = (ROOT / "configs/tiny.ini").read_bytes()
    for override in (b"train.lr=0.5", b"conv1.freeze=yes", b"data.mean=1,2,3", b"fc6.dropout=0"):
        yield tiny + b"\0" + override


def tuning_seeds():
    rows = [("conv2d forward 4x4x8 to 4x4x16 3/1+1 g1", "vec"), ("fc forward 9216 to 4096", "tile"),
            ("clblast Xgemm", "GEMMK=0 KREG=1 KWG=16 MWG=64"),
            ("clblast GemmRoutine", "XGEMM_MIN_INDIRECT_SIZE=64")]
    yield "".join(json.dumps({
        "device": "a GPU", "driver": "1.2", "kernels": "CLBlast 1.5.3, O", "problem": problem,
        "batch": 32, "choice": choice, "ms": ms, "error": 1e-7}) + "\n"
        for problem, choice in rows for ms in (1.5, None)).encode()
    for path in sorted(ROOT.glob("configs/tuned/*.jsonl")):
        yield path.read_bytes()[:1000]


def bench_seeds():
    for path in sorted(ROOT.glob("tests/results/*.json")):
        yield path.read_bytes()
    row = {"layer": "conv2.1", "pass": "forward", "algorithm": "vec", "median_ms": 2.5,
           "min_ms": 2, "max_ms": 3, "gflops": 10, "gbytes_per_s": 1, "roofline": 0.5,
           "limit": "compute"}
    for kind in ("ops", "algos"):
        yield json.dumps({
            "schema": 1, "kind": kind, "program": "alexnet", "device": "a GPU", "config": "tiny",
            "batch_size": 32, "peak": {"fma_gflops": 100, "memory_gbytes_per_s": 10},
            "ops": [row, {**row, "pass": "grad-weight", "limit": "memory"}]}).encode()
    step = {"schema": 1, "kind": "step", "program": "alexnet", "device": "a GPU", "config": "tiny",
            "batch_size": 32, "train": {"images_per_s": 320, "median_ms": 100, "steps": 20}}
    suite = {"schema": 1, "kind": "suite", "program": "alexnet", "version": "1", "seconds": 300,
             "device": {"type": "gpu", "name": "a GPU", "driver": "1.0", "global_bytes": 1e9},
             "peak": {"fma_gflops": 100}, "results": [step],
             "left_out": [{"what": "tiny, batch 512, training", "why": "memory"}],
             "checks": [{"check": "lrn", "pass": False, "error": None, "limit": 1e-6,
                         "worst": "forward", "comparisons": 8}],
             "ways": [{"config": "tiny", "pass": "conv1 forward", "way": "tile", "by": "tuning",
                       "batch_size": 128}]}
    yield json.dumps(suite).encode()
    yield json.dumps([suite, step, {**suite, "device": {"name": "another"}}]).encode()


def csv_seeds():
    yield b"epoch,layer,loss\n1,conv1,0.5\n1,conv2,\n2,conv1,nan\n2,conv2,1e-3\n"
    for path in sorted(ROOT.glob("tests/results/**/*.csv"))[:3]:
        yield path.read_bytes()[:2000].rsplit(b"\n", 1)[0] + b"\n"


def names_seeds():
    yield b"cat kitten, kitty\nn01440764 tench, Tinca tinca\na dog\n"
    yield b"\xef\xbb\xbfone\r\ntwo\r\n\r\nthree"
    yield b"one\rtwo\rthree\r"


WEIGHTS = (".safetensors", ".npz", ".npy", ".pth", ".onnx", ".caffemodel", ".prototxt")


def convert_seeds():
    """A byte that chooses a format, then a file."""
    for i, path in enumerate(sorted((ROOT / "tests/data/weights").rglob("*"))):
        if path.name.endswith(WEIGHTS) and path.stat().st_size <= MOST_BYTES:
            yield bytes([i * 37 % 256]) + path.read_bytes()


# Files of tests that are inputs of a target as they are.
ENDINGS = {"jpeg": (".jpg",), "png": (".png",), "tar": (".tar", ".tar.gz", ".tgz"),
           "lmdb": (".mdb",), "safetensors": (".safetensors",), "npy": (".npy",), "npz": (".npz",), "pth": (".pth",), "onnx": (".onnx",),
           "caffemodel": (".caffemodel", ".prototxt", ".binaryproto"), "describe": WEIGHTS}


def files_of_tests(target):
    for path in sorted((ROOT / "tests").rglob("*")):
        if path.name.endswith(ENDINGS.get(target, ("\0",))) and path.stat().st_size <= MOST_BYTES:
            yield path.read_bytes()


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    targets = sorted(path.stem[5:] for path in Path(__file__).parent.glob("fuzz_*.c"))
    for target in targets:
        if target in ("dataset", "image", "weights"):  # helpers
            continue
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        seeds = [*globals().get(target + "_seeds", list)(), *files_of_tests(target)]
        for i, seed in enumerate(seeds):
            (folder / f"seed-{i:02}").write_bytes(seed)


main()
