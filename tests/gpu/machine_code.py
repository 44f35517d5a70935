"""Of a kernel's machine code, the loop that does the work."""
import re


def basic_blocks(lines, label, flow):
    """Lists of lines that run together, and {index: indices of what may come next}. `label` says
    what name a line has, or None; `flow` where a line may go to, as (names, whether it never just
    goes on)."""
    blocks, names = [[]], {}
    for line in lines:
        name, (targets, leaves) = label(line), flow(line)
        if name is not None and blocks[-1]:
            blocks.append([])
        if name is not None:
            names[name] = len(blocks) - 1
        blocks[-1].append(line)
        if targets or leaves:
            blocks.append([])
    follows = {}
    for i, block in enumerate(blocks):
        targets, leaves = flow(block[-1]) if block else ((), True)
        follows[i] = {names[target] for target in targets if target in names}
        if not leaves and i + 1 < len(blocks):
            follows[i].add(i + 1)
    return blocks, follows


def reached(follows, start, inside):
    found, todo = set(), [start]
    while todo:
        for other in follows[todo.pop()] & inside:
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def cycles(follows, inside):
    """The sets of blocks of which each leads to each other."""
    reach = {i: reached(follows, i, inside) for i in inside}
    return {frozenset(j for j in reach[i] if i in reach[j]) for i in inside if i in reach[i]}


def hot_loop(lines, label, flow, products):
    """The lines of the innermost loop with at least 80 % of the products of the loop around it, of
    which most has the most; all lines if no loop has any."""
    blocks, follows = basic_blocks(lines, label, flow)
    count = [sum(map(products, block)) for block in blocks]
    loop, inside = None, set(follows)
    while True:
        inner = max(cycles(follows, inside), key=lambda found: sum(count[i] for i in found),
                    default=())
        least = 0.8 * sum(count[i] for i in loop) if loop else 1
        if sum(count[i] for i in inner) < least:
            break
        loop = inner
        head = min(i for i in loop if any(i in follows[j] for j in set(follows) - loop) or i == 0)
        inside = set(loop) - {head}
    return [line for i in sorted(loop) for line in blocks[i]] if loop else lines


def first_group(pattern, line):
    match = re.search(pattern, line)
    return match and match[1]


def percent(part, whole):
    return 100 * part // whole if whole else 0


# ---- the check of the check ----------------------------------------------------------------------

def hot_lines(text):
    """`x:` is a name, `go x` goes there, `if x` may, `fma` is a product."""
    lines = text.split("; ")
    loop = hot_loop(lines, lambda line: line[:-1] if line.endswith(":") else None,
                    lambda line: ([line[3:]] if line[:3] in ("go ", "if ") else [],
                                  line.startswith("go ") or line == "end"),
                    lambda line: line == "fma")
    return "; ".join(loop)


INNER = "in:; fma; fma; fma; if in"
assert hot_lines(f"fma; out:; add; {INNER}; if out; fma; end") == INNER
assert hot_lines("out:; add; in:; fma; if in; fma; if out; end") \
    == "out:; add; in:; fma; if in; fma; if out"
assert hot_lines("fma; end") == "fma; end"
# what is done in some rounds only may stand behind the loop, and come back to its middle
assert hot_lines("on:; add; if far; back:; fma; if on; end; far:; load; go back") \
    == "on:; add; if far; back:; fma; if on; far:; load; go back"
