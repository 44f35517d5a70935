"""A program as NVIDIA's own optimiser would have it: Clang 14's text, in the dialect of LLVM 7 that
libNVVM reads for every GPU up to sm_90 and understands for later ones too, through libNVVM and
ptxas. libclc has what OpenCL C calls; arithmetic of the block kernels needs none of it."""
import ctypes
import functools
import re
import subprocess
import tempfile
from pathlib import Path

from machine_code import first_group, hot_loop, percent
from programs import COMPILERS, Unbuildable

TARGETS = ("sm_75", "sm_80", "sm_90", "sm_100", "sm_120")
OFTEN = ("sm_90", "sm_75", "sm_120")
LIBNVVM = COMPILERS / "nvidia/nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so"
PTXAS = COMPILERS / "nvidia/nvidia/cuda_nvcc/bin/ptxas"
NVDISASM = COMPILERS / "nvidia/nvidia/cu13/bin/nvdisasm"
LIBCLC = COMPILERS / "libclc-14/usr/lib/clc/nvptx64--nvidiacl.bc"
NEEDS = ("clang-14", LIBNVVM, PTXAS, NVDISASM, LIBCLC)

# of a multiprocessor: most warps, most groups, KiB of local memory, KiB that the driver takes of
# each group
SIZES = {"sm_75": (32, 16, 64, 0), "sm_80": (64, 32, 164, 1), "sm_90": (64, 32, 228, 1),
         "sm_100": (64, 32, 228, 1), "sm_120": (48, 24, 100, 1)}
REGISTERS = 65536

# attributes of functions that LLVM 7 has
OLD_ATTRIBUTES = {"alwaysinline", "argmemonly", "convergent", "inlinehint", "norecurse", "nounwind",
                  "readnone", "readonly"}


# ---- Clang's text, for libNVVM -----------------------------------------------------------------

def clang_text(program):
    done = subprocess.run(
        ["clang-14", "-x", "cl", "-cl-std=CL1.2", "-target", "nvptx64-nvidia-cuda", "-nogpulib",
         *program.options.split(), "-O2", "-Xclang", "-disable-llvm-passes",
         "-fno-discard-value-names", "-Xclang", "-finclude-default-header", "-Xclang",
         "-mlink-builtin-bitcode", "-Xclang", LIBCLC, "-w", "-S", "-emit-llvm", "-o", "-", "-"],
        input=program.source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unbuildable(done.stderr)
    return done.stdout


def old_attributes(match):
    words = re.sub(r'"[^"]*"(="[^"]*")?', "", match[2]).split()
    return match[1] + " ".join(word for word in words if word in OLD_ATTRIBUTES) + " }"


def old_negation(match):
    """LLVM 7 has no `fneg`."""
    zero = "-0.0"
    if vector := re.fullmatch(r"<(\d+) x float>", match[1]):
        zero = "<" + ", ".join(["float -0.0"] * int(vector[1])) + ">"
    return f"fsub {match[1]} {zero}, "


def named_entry(match):
    """LLVM 7 takes no numbers for arguments: they get names, and what they were numbered with."""
    return f"{match[0]}v{len(re.findall(r'%[0-9]+', match[0]))}:\n"


def old_dialect(text):
    """Typed as LLVM 7 would."""
    text = re.sub(r"^(attributes #\d+ = \{ )(.*)\}$", old_attributes, text, flags=re.M)
    text = re.sub(r"\b(noundef|immarg|spir_kernel|spir_func) ?\b", "", text)
    text = re.sub(r"\bpoison\b", "undef", text)
    text = re.sub(r"\bfneg (float|<\d+ x float>) ", old_negation, text)
    text = re.sub(r"^define .*\n(?![\w.]+:)", named_entry, text, flags=re.M)
    text = re.sub(r"%(\d+)\b", r"%v\1", text)
    text = re.sub(r"^(\d+):", r"v\1:", text, flags=re.M)
    return re.sub(r"^!(llvm\.ident|opencl).*\n", "", text, flags=re.M)


def with_notes(text):
    """Says which version of NVVM this is, and the sizes of groups, as NVIDIA's front end does."""
    notes = []
    for kernel, number in re.findall(r"^define .*@(\w+)\(.*!reqd_work_group_size !(\d+)", text,
                                     re.M):
        sizes = re.search(rf"^!{number} = !\{{i32 (\d+), i32 (\d+), i32 (\d+)\}}", text, re.M)
        pointer = re.search(rf'^!\d+ = !\{{(.*@{kernel}), !"kernel", i32 1\}}', text, re.M)[1]
        notes += [f'!{{{pointer}, !"reqntid{axis}", i32 {size}}}'
                  for axis, size in zip("xyz", sizes.groups())]
    first = 1 + max(int(number) for number in re.findall(r"^!(\d+) =", text, re.M))
    numbers = range(first, first + len(notes))
    text = re.sub(r"^(!nvvm.annotations = !\{.*)\}$",
                  lambda match: match[1] + "".join(f", !{number}" for number in numbers) + "}",
                  text, flags=re.M)
    return "\n".join([text, *(f"!{number} = {note}" for number, note in zip(numbers, notes)),
                      f"!nvvmir.version = !{{!{numbers.stop}}}",
                      f"!{numbers.stop} = !{{i32 2, i32 0}}", ""])


# ---- libNVVM, ptxas ------------------------------------------------------------------------------

@functools.cache
def libnvvm():
    return ctypes.CDLL(str(LIBNVVM))


def nvvm_text(handle, what):
    """What one of the pairs of calls nvvmGet...Size and nvvmGet... says."""
    size = ctypes.c_size_t()
    getattr(libnvvm(), f"nvvmGet{what}Size")(handle, ctypes.byref(size))
    text = ctypes.create_string_buffer(size.value)
    getattr(libnvvm(), f"nvvmGet{what}")(handle, text)
    return text.value.decode()


def optimised(text, target):
    """NVIDIA's assembly text (PTX)."""
    handle = ctypes.c_void_p()
    data = text.encode()
    options = (ctypes.c_char_p * 1)(f"-arch={target.replace('sm', 'compute')}".encode())
    libnvvm().nvvmCreateProgram(ctypes.byref(handle))
    try:
        if libnvvm().nvvmAddModuleToProgram(handle, data, ctypes.c_size_t(len(data)), b"program") \
                or libnvvm().nvvmCompileProgram(handle, 1, options):
            raise Unbuildable("libNVVM: " + nvvm_text(handle, "ProgramLog"))
        return nvvm_text(handle, "CompiledResult")
    finally:
        libnvvm().nvvmDestroyProgram(ctypes.byref(handle))


def assembled(ptx, target):
    """What ptxas says of each kernel, and the machine code as text."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = Path(folder) / "program.ptx", Path(folder) / "program.cubin"
        source.write_text(ptx)
        done = subprocess.run([PTXAS, f"-arch={target}", "-v", "-o", binary, source],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unbuildable("ptxas: " + done.stderr)
        code = subprocess.run([NVDISASM, "-c", binary], capture_output=True, text=True, check=True)
        return done.stdout + done.stderr, code.stdout


# ---- figures -------------------------------------------------------------------------------------

LABEL = r"^(\.L_\w+):"
INSTRUCTION = re.compile(r"/\*[0-9a-f]{4,}\*/\s+(?:\{\s*)?(@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)(.*)")


def warps(target, registers, local_bytes, items):
    """That are on a multiprocessor at once."""
    most_warps, most_groups, local_kib, taken_kib = SIZES[target]
    of_group = -(-items // 32)
    of_registers = REGISTERS // 4 // (-(-registers // 8) * 8 * 32) * 4 // of_group
    of_local = most_groups
    if local_bytes > 0:
        of_local = (local_kib << 10) // (local_bytes + (taken_kib << 10))
    return min(of_registers, of_local, most_warps // of_group, most_groups) * of_group


def flow(line):
    instruction = INSTRUCTION.search(line)
    if instruction is None:
        return (), False
    condition, name, operands = instruction.groups()
    targets = re.findall(r"`\((\.L_\w+)\)", operands) if name.startswith("BRA") else ()
    sure = condition is None and not re.search(r"\bU?P\d", operands)
    return targets, sure and name in ("BRA", "EXIT")


def product_share(code, kernel):
    """Percent of the hot loop's instructions that multiply and add."""
    section = re.search(rf"\.section\s+\.text\.{kernel},.*?(?=\n\.section|\n//-+ \.|\Z)", code,
                        re.S)
    loop = hot_loop(section[0].splitlines(), functools.partial(first_group, LABEL), flow,
                    lambda line: len(re.findall(r"\bFFMA2?\b", line)))
    names = [found[2].split(".")[0] for line in loop if (found := INSTRUCTION.search(line))]
    return percent(sum(name in ("FFMA", "FFMA2") for name in names),
                   sum(name != "NOP" for name in names))


def figures(program, target, groups):
    """{kernel: figures} of those with groups of so many items."""
    said, code = assembled(optimised(with_notes(old_dialect(clang_text(program))), target), target)
    found = {}
    for kernel, stack, stores, loads, used in re.findall(
            r"Function properties for (\w+)\n\s+(\d+) bytes stack frame, "
            r"(\d+) bytes spill stores, (\d+) bytes spill loads\n(.*)", said):
        if kernel not in groups:
            continue
        registers = int(re.search(r"Used (\d+) registers", used)[1])
        shared = re.search(r"(\d+) bytes smem", used)
        local_bytes = int(shared[1]) if shared else 0
        found[kernel] = {"registers": registers,
                         "warps": warps(target, registers, local_bytes, groups[kernel]),
                         "fma": product_share(code, kernel), "local": local_bytes,
                         "scratch": int(stack), "spilled": int(stores) + int(loads)}
    return found


def cell(found):
    return f"{found['registers']} r, {found['warps']} w, {found['fma']} %"
