"""A program as AMD's drivers, which are made of LLVM, would have it: by Clang 19 and its libclc."""
import functools
import re
import subprocess

from machine_code import first_group, hot_loop, percent
from programs import COMPILERS, Unbuildable

TARGETS = ("gfx906", "gfx942", "gfx1030", "gfx1100")
OFTEN = ("gfx906", "gfx1030", "gfx1100")
LIBCLC = COMPILERS / "libclc-19/usr/lib/clc/amdgcn--amdhsa.bc"
NEEDS = ("clang-19", LIBCLC)
TWO_AT_ONCE = ("gfx942", "gfx1100")  # a lane can do two products in an instruction

LABEL = r"^(\.LBB\w+):"
PRODUCT = re.compile(r"v_(?:dual_)?(?:fma|fmac|fmamk|fmaak|mac|mad)_f32")
PACKED = "v_pk_fma_f32"


def assembly(program, target):
    done = subprocess.run(
        ["clang-19", "-x", "cl", "-cl-std=CL1.2", *program.options.split(), "-target",
         "amdgcn-amd-amdhsa", f"-mcpu={target}", "-O3", "-nogpulib", "-mcode-object-version=5",
         "-Xclang", "-finclude-default-header", "-Xclang", "-mlink-builtin-bitcode", "-Xclang",
         LIBCLC, "-w", "-S", "-o", "-", "-"],
        input=program.source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unbuildable(done.stderr)
    return done.stdout


def flow(line):
    return (re.findall(r"^\s+s_c?branch\S*\s+(\.LBB\w+)", line),
            re.match(r"\s+s_(branch|endpgm)\b", line) is not None)


def products(line):
    return len(PRODUCT.findall(line)) + 2 * line.count(PACKED)


def product_share(body, target):
    """Percent of what the vector instructions of the hot loop could do: one of them does one
    product, or two where a packed or a dual one counts as two."""
    loop = hot_loop(body, functools.partial(first_group, LABEL), flow, products)
    vector = sum(line.lstrip().startswith("v_") for line in loop)
    return percent(sum(map(products, loop)), vector * (2 if target in TWO_AT_ONCE else 1))


def figures(program, target, groups):
    """{kernel: figures} of those with groups of so many items."""
    text = assembly(program, target)
    found = {}
    for entry in re.split(r"^  - (?=\.a)", text, flags=re.M)[1:]:  # of the list at the end
        kernel = re.search(r"^    \.name:\s+(\w+)$", entry, re.M)[1]
        if kernel not in groups:
            continue
        number = {key: int(value) for key, value in re.findall(r"\.(\w+):\s+(\d+)$", entry, re.M)}
        code = re.search(rf"^{kernel}:.*?; Occupancy: (\d+)", text, re.S | re.M)
        found[kernel] = {"vgprs": number["vgpr_count"], "waves": int(code[1]),
                         "fma": product_share(code[0].splitlines(), target),
                         "local": number["group_segment_fixed_size"],
                         "scratch": number["private_segment_fixed_size"],
                         "spilled": number["vgpr_spill_count"] + number["sgpr_spill_count"]}
    return found


def cell(found):
    return f"{found['vgprs']} v, {found['waves']} w, {found['fma']} %"
