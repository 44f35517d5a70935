#!/usr/bin/env python3
"""Writes the one-dimensional transforms of Winograd's convolution, cl/winograd_TILE.clh.

    tools/build/winograd_transforms.py cl

A tile of `size` inputs gives m outputs of a filter of r taps, m + r - 1 = size, as

    output = A^T ( (G filter) * (B^T input) )          (Lavin & Gray 2016, "F(m,r)")

Cook and Toom: a product of polynomials is known by its values at `size` points, here 0, pairs +a
and -a, at most one single point, and infinity. A^T and G take powers of the points; B^T comes from
the Lagrange polynomials, whose denominators are left to the caller as `winograd_scale`. A pair
shares its even and its odd part, which halves its work, and the single point s is one factor
(z - s) of all other polynomials, which is multiplied first. Before anything is written, the
matrices of all m and r are checked in rational numbers.
"""
import sys
import textwrap
from fractions import Fraction

# size: (pairs, single point, numbers of taps and of outputs)
TILES = {
    6: ([Fraction(1), Fraction(2)], None, (3, 4)),
    7: ([Fraction(1), Fraction(2)], Fraction(1, 2), (3, 5)),
    8: ([Fraction(1), Fraction(1, 2), Fraction(2)], None, (4, 5)),
}


def multiply(p, q):
    out = [Fraction(0)] * (len(p) + len(q) - 1)
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            out[i + j] += a * b
    return out


def product(factors):
    out = [Fraction(1)]
    for factor in factors:
        out = multiply(out, factor)
    return out


class Tile:
    """The finite points in the order of the transforms' lines; infinity is the last line."""

    def __init__(self, size):
        self.size = size
        self.pairs, self.single, self.lengths = TILES[size]
        self.points = [Fraction(0)] + [sign * a for a in self.pairs for sign in (1, -1)]
        self.points += [] if self.single is None else [self.single]
        assert len(self.points) == size - 1

    def scale(self):
        """1 / product of the distances to the other points."""
        out = []
        for a in self.points:
            distance = Fraction(1)
            for b in self.points:
                distance *= a - b if a != b else 1
            out.append(1 / distance)
        return out + [Fraction(1)]

    def powers(self, count):
        """Row per point: 1, a, a^2 ...; infinity takes the highest power alone."""
        last = [Fraction(int(k == count - 1)) for k in range(count)]
        return [[a**k for k in range(count)] for a in self.points] + [last]

    def lagrange(self):
        """Row per point: coefficients of the product of (z - b) over all other points b."""
        rows = [product([-b, Fraction(1)] for b in self.points if b != a) + [Fraction(0)]
                for a in self.points]
        return rows + [product([-b, Fraction(1)] for b in self.points)]

    def check(self, taps):
        """Every product filter[r] * input[j] reaches output i exactly if j = i + r."""
        outputs = self.size + 1 - taps
        to, g, b, scale = self.powers(outputs), self.powers(taps), self.lagrange(), self.scale()
        for i in range(outputs):
            for r in range(taps):
                for j in range(self.size):
                    got = sum(to[p][i] * g[p][r] * scale[p] * b[p][j] for p in range(self.size))
                    assert got == (1 if j == i + r else 0), (self.size, i, r, j)


# ---- lines of OpenCL C ------------------------------------------------------------------------

def number(value):
    text = f"{float(value):.9g}"
    return text + ("f" if "." in text or "e" in text else ".0f")


def sum_of(terms):
    """'a - 2.5f * b' from (coefficient, name) pairs; those of coefficient 1 first."""
    terms = sorted((t for t in terms if t[0] != 0), key=lambda t: t[0] != 1)
    text = ""
    for coefficient, name in terms:
        size = "" if abs(coefficient) == 1 else number(abs(coefficient)) + " * "
        sign = " - " if coefficient < 0 else " + "
        text += (sign if text else "-" if coefficient < 0 else "") + size + name
    return text


def names(array, first, step, coefficients):
    """(coefficient, array[first]), (coefficient, array[first + step]) ..."""
    return [(c, f"{array}[{first + step * i}]") for i, c in enumerate(coefficients)]


def in_squares(pairs):
    """Coefficients of the product of (t - a^2), t = z^2."""
    return product([-a * a, Fraction(1)] for a in pairs)


def pair_lines(tile, even_of, odd_of, out):
    """Line 1 + 2i is even + odd of pair i, line 2 + 2i even - odd."""
    lines = []
    for i, a in enumerate(tile.pairs):
        lines.append(f"const LANES even{i} = {even_of(a)};")
        lines.append(f"const LANES odd{i} = {odd_of(a)};")
    for i, a in enumerate(tile.pairs):
        lines.append(f"{out}[{2 * i + 1}] = even{i} + odd{i};")
        lines.append(f"{out}[{2 * i + 2}] = even{i} - odd{i};")
    return lines


def input_lines(tile):
    size, z, lines = tile.size, "x", []
    if tile.single is not None:
        z = "z"
        lines.append(f"LANES z[{size - 1}];")
        lines.append("")
        lines += [f"z[{i}] = x[{i + 1}] - {number(tile.single)} * x[{i}];"
                  for i in range(size - 1)]

    def other(a):
        return in_squares(b for b in tile.pairs if b != a)

    every = in_squares(tile.pairs)
    pairs = pair_lines(tile, lambda a: sum_of(names(z, 2, 2, other(a))),
                       lambda a: sum_of(names(z, 1, 2, [a * c for c in other(a)])), "v")
    lines += pairs[:2 * len(tile.pairs)]
    lines.append(f"v[0] = {sum_of(names(z, 0, 2, every))};")
    lines += pairs[2 * len(tile.pairs):]
    if tile.single is not None:
        lines.append(f"v[{size - 2}] = {sum_of(names('x', 1, 2, every))};")
    lines.append(f"v[{size - 1}] = {sum_of(names(z, 1, 2, every))};")
    return lines


def points_lines(tile, count):
    pairs = pair_lines(
        tile,
        lambda a: sum_of(names("g", 0, 2, [a**k for k in range(0, count, 2)])),
        lambda a: sum_of(names("g", 1, 2, [a**k for k in range(1, count, 2)])), "v")
    lines = pairs[:2 * len(tile.pairs)] + ["v[0] = g[0];"] + pairs[2 * len(tile.pairs):]
    if tile.single is not None:
        powers = [tile.single**k for k in range(count)]
        lines.append(f"v[{tile.size - 2}] = {sum_of(names('g', 0, 1, powers))};")
    return lines + [f"v[{tile.size - 1}] = g[{count - 1}];"]


def output_lines(tile, count):
    lines = []
    for i in range(len(tile.pairs)):
        lines.append(f"const LANES even{i} = m[{2 * i + 1}] + m[{2 * i + 2}];")
        lines.append(f"const LANES odd{i} = m[{2 * i + 1}] - m[{2 * i + 2}];")
    for k in range(count):
        terms = [(Fraction(1), "m[0]")] if k == 0 else []
        part = "odd" if k % 2 else "even"
        terms += [(a**k, f"{part}{i}") for i, a in enumerate(tile.pairs)]
        if tile.single is not None:
            terms.append((tile.single**k, f"m[{tile.size - 2}]"))
        if k == count - 1:
            terms.append((Fraction(1), f"m[{tile.size - 1}]"))
        lines.append(f"y[{k}] = {sum_of(terms)};")
    return lines


def function(head, lines):
    lines = list(lines)
    declared = max(i for i, line in enumerate(lines) if line.startswith("const") or i == 0)
    if lines[0].startswith("const"):
        lines.insert(declared + 1, "")
    body = "\n".join("    " + line if line else "" for line in lines)
    return f"static inline void {head}\n{{\n{body}\n}}\n"


def file_text(tile):
    size = tile.size
    points = ", ".join(str(a) for a in tile.points)
    scale = textwrap.fill(", ".join(number(s) for s in tile.scale()) + ",", 96)
    parts = [
        f"/* winograd_{size}.clh - the transforms of one line of a tile of {size} (winograd.clh):\n"
        f" * points {points}, infinity.\n"
        f" * Written by tools/build/winograd_transforms.py: make changes there. */\n"
        f"#ifndef LANES\n#define LANES float16 /* what is transformed side by side */\n#endif\n\n"
        f"__constant const float winograd_scale_{size}[{size}] = {{\n"
        f"{textwrap.indent(scale, '    ')}\n}};\n",
        function(f"winograd_input_{size}(LANES v[{size}], const LANES x[{size}])",
                 input_lines(tile)),
    ]
    for count in tile.lengths:
        parts.append(function(
            f"winograd_points_{size}_{count}(LANES v[{size}], const LANES g[{count}])",
            points_lines(tile, count)))
    for count in tile.lengths:
        parts.append(function(
            f"winograd_output_{size}_{count}(LANES y[{count}], const LANES m[{size}])",
            output_lines(tile, count)))
    return "\n".join(parts)


def main():
    for size in TILES:
        tile = Tile(size)
        for taps in tile.lengths:
            tile.check(taps)
        with open(f"{sys.argv[1]}/winograd_{size}.clh", "w", encoding="ascii") as out:
            out.write(file_text(tile))


if __name__ == "__main__":
    main()
