"""Lines over an axis as an SVG picture that needs nothing else."""
import html
import math

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # Okabe and Ito: the colour-blind tell apart
WIDTH, HEIGHT = 720, 360
LEFT, TOP, RIGHT, BOTTOM = 70, 16, 200, 46  # around the axes


class Line:
    def __init__(self, name, x, y, colour, dashed=False):
        self.name, self.x, self.y, self.colour, self.dashed = name, x, y, colour, dashed


def round_step(span, count):
    """1, 2 or 5 times a power of ten, so that about `count` of them make `span`."""
    power = 10.0 ** math.floor(math.log10(span / count))
    return next(step * power for step in (1, 2, 5, 10) if step * power * count >= span)


class Axis:
    """Values to pixels; `log`: ticks at powers of ten."""

    def __init__(self, values, first, last, log=False):
        self.first, self.last, self.log = first, last, log
        low, high = min(map(self.scale, values)), max(map(self.scale, values))
        step = max(1.0, round_step(max(high - low, 1.0), 6)) if log else \
            round_step(max(high - low, 1e-9), 6)
        self.low, self.high = math.floor(low / step) * step, math.ceil(high / step) * step
        if self.low == self.high:
            self.high += step
        count = round((self.high - self.low) / step)
        self.ticks = [self.low + i * step for i in range(count + 1)]

    def scale(self, value):
        return math.log10(value) if self.log else value

    def at(self, scaled):
        share = (scaled - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def pixel(self, value):
        return self.at(self.scale(value))

    def label(self, tick):
        return f"1e{tick:.0f}" if self.log else f"{tick:g}"


def text(x, y, words, anchor="middle", extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{html.escape(words)}'
            '</text>')


def pen(line):
    dash = ' stroke-dasharray="5 4"' if line.dashed else ""
    return f'stroke="{line.colour}" stroke-width="2"{dash}'


def path(line, x, y):
    points = " ".join(f"{x.pixel(a):.1f},{y.pixel(b):.1f}" for a, b in zip(line.x, line.y))
    return f'<polyline points="{points}" fill="none" {pen(line)}/>'


def frame(x, y, x_name, y_name):
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    parts = []
    for tick in y.ticks:
        at = y.at(tick)
        parts.append(f'<line x1="{LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, at + 4, y.label(tick), "end"))
    for tick in x.ticks:
        parts.append(text(x.at(tick), bottom + 18, x.label(tick)))
    parts.append(f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="#333"/>')
    parts.append(text((LEFT + right) / 2, HEIGHT - 8, x_name))
    parts.append(text(16, (TOP + bottom) / 2, y_name,
                      extra=f'transform="rotate(-90 16 {(TOP + bottom) / 2:.0f})"'))
    return parts


def legend(lines):
    parts = []
    for i, line in enumerate(lines):
        at, left = TOP + 14 + 20 * i, WIDTH - RIGHT + 12
        parts.append(f'<line x1="{left}" x2="{left + 24}" y1="{at}" y2="{at}" {pen(line)}/>')
        parts.append(text(left + 30, at + 4, line.name, "start"))
    return parts


def write(path_out, lines, x_name, y_name, log=False, mark=None):
    """`mark`: a value of y that a thin line shows."""
    marks = [mark] if mark is not None else []
    x = Axis([v for line in lines for v in line.x], LEFT, WIDTH - RIGHT)
    y = Axis([v for line in lines for v in line.y] + marks, HEIGHT - BOTTOM, TOP, log)
    parts = frame(x, y, x_name, y_name)
    for value in marks:
        at = y.pixel(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" '
                     'stroke="#333" stroke-dasharray="2 3"/>')
    parts += [path(line, x, y) for line in lines] + legend(lines)
    path_out.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) +
        "\n</svg>\n", encoding="utf-8")
