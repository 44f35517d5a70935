"""A program as Intel's compiler has it: ocloc of Debian 12, of 2022."""
import functools
import re
import struct
import subprocess
import tempfile
from pathlib import Path

from machine_code import first_group, hot_loop, percent
from programs import COMPILERS, Unbuildable

TARGETS = ("tgllp", "acm-g10", "pvc")
OFTEN = ("acm-g10", "tgllp")
ASSEMBLERS = {"tgllp": "12p1", "acm-g10": "12p71", "pvc": "12p72"}
LEAST_SUB_GROUP = {"tgllp": 8, "acm-g10": 8, "pvc": 16}  # that drivers name
ROOT = COMPILERS / "intel/usr"
OCLOC, IGA = ROOT / "bin/ocloc", ROOT / "bin/iga64"
NEEDS = (OCLOC, IGA, "llvm-spirv-14")

LABEL = r"^(L\d+):"
OPERATION = r"^(?:\([^)]*\))?\s*([a-z]\w*)(?:\.\S+)?\s"
LOCAL, SCRATCH, EXECUTION, PRIVATE = 15, 18, 23, 38  # tokens of a kernel: what it needs to run


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False,
                          env={"LD_LIBRARY_PATH": str(ROOT / "lib/x86_64-linux-gnu")})


def options_on(program, target):
    """As src/ops/gemm/block.c writes them where a driver, as the fake one does not, names sizes of
    sub-groups."""
    asks = program.value("BM") or program.value("SIDE")  # blocks, Winograd's transforms
    sub_group = f" -DSUB_GROUP={LEAST_SUB_GROUP[target]}" if asks else ""
    return f"-cl-std=CL1.2 {program.options}{sub_group}"


def dumped(program, target, folder):
    """Unpacks what ocloc makes into the folder."""
    source = folder / "program.cl"
    source.write_text(program.source)
    done = run(OCLOC, "compile", "-file", source, "-device", target, "-64", "-options",
               options_on(program, target), "-output", "program", "-out_dir", folder)
    binaries = list(folder.glob("*.bin"))
    if done.returncode or not binaries:
        raise Unbuildable(done.stdout + done.stderr)
    run(OCLOC, "disasm", "-file", binaries[0], "-device", target, "-dump", folder / "dump")
    return folder / "dump"


def tokens(text, kernel):
    """{number: bytes} of what the kernel needs to run, in the list that ocloc writes."""
    part = next(part for part in re.split(r"^Kernel #\d+$", text, flags=re.M)
                if re.search(rf"^\tKernelName {kernel}$", part, re.M))
    found = re.findall(r"^\t4 Token (\d+)\n\t4 Size \d+\n\tHex ([0-9a-f ]*)", part, re.M)
    return {int(number): bytes(int(byte, 16) for byte in data.split()) for number, data in found}


def word(data, index):
    """Of a token that may be missing: then 0."""
    return struct.unpack_from("<I", data, 4 * index)[0] if data else 0


def flow(line):
    """Without a condition, `goto` still goes on where items were sent to before."""
    if first_group(OPERATION, line) not in ("while", "jmpi", "goto", "brd", "brc"):
        return (), False
    return re.findall(r"\bL\d+\b", line), re.match(r"(\(W\))?\s*jmpi", line) is not None


def is_product(line):
    return re.search(r"\bmad\s+\((?:8|16|32)\|.*:f\b", line) is not None


def product_share(code):
    """Percent of the hot loop's instructions that multiply and add."""
    loop = hot_loop(code, functools.partial(first_group, LABEL), flow, is_product)
    operations = [name for line in loop if (name := first_group(OPERATION, line))
                  not in (None, "sync", "nop")]
    return percent(sum(map(is_product, loop)), len(operations))


def figures(program, target, groups):
    """{kernel: figures} of those with groups of so many items. `scratch` are arrays of an item in
    memory, `spilled` what a thread keeps there as registers do not suffice."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        dump = dumped(program, target, Path(folder))
        for kernel in groups:
            token = tokens((dump / "PTM.txt").read_text(), kernel)
            code = run(IGA, "-d", f"-p={ASSEMBLERS[target]}", dump / f"{kernel}_KernelHeap.dat")
            found[kernel] = {"width": word(token[EXECUTION], 3),
                             "fma": product_share(code.stdout.splitlines()),
                             "local": word(token.get(LOCAL), 1),
                             "scratch": word(token.get(PRIVATE), 3),
                             "spilled": word(token.get(SCRATCH), 1)}
    return found


def cell(found):
    return f"S{found['width']}, {found['fma']} %"
