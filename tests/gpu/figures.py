"""What the compilers of GPUs make of the programs of a config, beside `limits`."""
import amd
import intel
import nvidia
from programs import HERE, Program, Unbuildable, each, record

COMPILERS = {"nvidia": nvidia, "amd": amd, "intel": intel}
LOWER, HIGHER = ("registers", "vgprs", "scratch", "spilled"), ("warps", "waves", "fma")
NO_MEMORY = {"scratch": 0, "spilled": 0}  # what holds where `limits` says nothing else

PLANTED = """
__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void indexed(__global float *x)
{
    float kept[512];
    for (int i = 0; i < 512; ++i)
        kept[i] = x[i * 64 + get_local_id(0)];
    x[get_local_id(0)] = kept[(int)x[0]];
}

__kernel __attribute__((reqd_work_group_size(1024, 1, 1)))
void crowded(__global float *restrict y, __global const float *restrict x, const int count)
{
    float sums[200] = { 0.0f };
    for (int k = 0; k < count; ++k)
        _Pragma("unroll") for (int i = 0; i < 200; ++i)
            sums[i] = fma(x[k * 1024 + get_local_id(0)], x[k * 200 + i], sums[i]);
    _Pragma("unroll") for (int i = 0; i < 200; ++i)
        y[i * 1024 + get_local_id(0)] = sums[i];
}
"""


def block(program):
    """What a work-group makes and how operands lie, as one word; "-" where there are no blocks."""
    if program.value("BM") is None:
        return "-"
    sizes = [program.value(name) for name in ("BM", "BN", "BK", "TM", "TN")]
    layout = [name[0] + program.value(name) for name in ("A_ALONG_K", "B_ALONG_K")
              if program.value(name)]
    return "{}x{}x{}/{}x{}".format(*sizes) + "_" * bool(layout) + "".join(layout)


def better(name, one, other):
    return (one < other) if name in LOWER else (one > other)


def worst(one, other):
    """Of two programs with the same block, each figure that is worse."""
    return {name: other[name] if name in LOWER + HIGHER and better(name, one[name], other[name])
            else one[name] for name in one}


def figures_of(vendor, tasks):
    """{(target, kernel, block): figures} of the tasks (program, {kernel: items of a group},
    target)."""
    def compile_one(task):
        program, groups, target = task
        try:
            return COMPILERS[vendor].figures(program, target, groups)
        except Unbuildable as error:
            raise SystemExit(f"{target} {', '.join(groups)} [{program.options}]: {error}") from None

    found = {}
    for (program, _, target), kernels in zip(tasks, each(compile_one, tasks)):
        for kernel, figures in kernels.items():
            key = target, kernel, block(program)
            found[key] = worst(found[key], figures) if key in found else figures
    return found


def block_tasks(build, vendor, targets):
    """Those programs of `paper` that make blocks."""
    groups = record(build, "paper", vendor).groups()
    return [(program, groups[program], target) for target in targets
            for program in sorted(groups) if block(program) != "-"]


# ---- limits --------------------------------------------------------------------------------------

def limits():
    """{(target, kernel, block): {figure: number}}; kernel and block may be "*"."""
    lines = [line.split("#")[0].split() for line in (HERE / "limits").read_text().splitlines()]
    return {tuple(words[:3]): {name: int(number) for name, number in
                               (word.split("=") for word in words[3:])}
            for words in lines if len(words) > 3}


def limit_of(key, known):
    target, kernel, _ = key
    for place in (key, (target, kernel, "*"), (target, "*", "*")):
        if place in known:
            return {**NO_MEMORY, **known[place]}
    return NO_MEMORY


def limit_line(key, figures):
    """Registers are taken in eights; a point of the share is no change."""
    steps = {"registers": 8, "vgprs": 8, "fma": -2}
    kept = {name: -(-figures[name] // steps.get(name, 1)) * steps.get(name, 1)
            for name in LOWER + HIGHER
            if name in figures and (figures[name] or name not in NO_MEMORY)}
    return " ".join([*key, *(f"{name}={number}" for name, number in kept.items())])


def problems(key, figures, limit):
    """Both numbers of every figure that is worse than its limit."""
    return [f"{' '.join(key)}: {name} {figures[name]}, "
            f"at {'most' if name in LOWER else 'least'} {number} by tests/gpu/limits"
            for name, number in limit.items() if better(name, number, figures[name])]


def check_of_the_check(vendor):
    """Arrays in memory, registers that do not suffice and every worse figure are seen."""
    for target in COMPILERS[vendor].TARGETS:
        found = COMPILERS[vendor].figures(Program(PLANTED, ""), target,
                                          {"indexed": 64, "crowded": 1024})
        assert found["indexed"]["scratch"] or found["indexed"]["spilled"], (target, found)
        assert found["crowded"]["spilled"], (target, found)
        for kernel in found:
            assert problems((target, kernel, "-"), found[kernel], NO_MEMORY)
    now = {"registers": 100, "warps": 16, "fma": 80, "scratch": 0, "spilled": 0}
    assert not problems("k", now, now)
    for name in now:
        worse = {**now, name: now[name] + (1 if name in LOWER else -1)}
        assert len(problems("k", worse, now)) == 1 and not problems("k", now, worse)
        assert worst(now, worse) == worst(worse, now) == worse
