"""Pictures as plans and cells: where things stand, what every cell shows, and the steps in which the model writes it.

A picture is a field of cells. Things are squares of cells; letters are things too. The plan says: background and
arrangement; each group of things with its count and the running total; the lattice; each thing with its place; the
letters. Then every cell, from the top down.
"""
import math
from dataclasses import dataclass, field, replace

from lexicon import FIELDS, FORMS, ID, SIZES, SPOTS

NORMAL = {0: 0, 1: 1, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 6, 8: 6, 9: 7, 10: 8}
SMALL = {0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3, 7: 4, 8: 4, 9: 5, 10: 5}
LETTER_ROWS = 2


@dataclass(frozen=True)
class Group:
    kind: str
    slot: str
    relative: str
    count: int


@dataclass(frozen=True)
class Word:
    text: str
    slot: str
    where: str


@dataclass(frozen=True)
class Lattice:
    """Columns and rows of spots, the largest side of a thing, how many spots were asked for."""
    columns: int
    rows: int
    size: int
    total: int


@dataclass(frozen=True)
class Picture:
    form: str
    background: str
    layout: str
    groups: tuple
    word: Word = None
    lattice: Lattice = None
    spots: tuple = field(default=())

    def total(self):
        return sum(g.count for g in self.groups)

    def area(self):
        """Width, height and first row of what is left for things."""
        width, height = FORMS[self.form]
        if not self.word:
            return width, height, 0
        return width, height - LETTER_ROWS, LETTER_ROWS if self.word.where == "top" else 0


def effective(layout, total, width):
    """Arrangements for which there is no room become grids."""
    if layout in ("row", "column") and total > 8 or layout == "around" and not 3 <= total <= 12:
        return "grid"
    if layout in ("left", "right", "above", "below", "ontop") and total != 2:
        return "grid"
    return layout


def lattice_of(layout, total, width, height):
    total = max(1, total)
    if layout == "row" or layout in ("left", "right"):
        columns, rows = total, 1
    elif layout == "column" or layout in ("above", "below"):
        columns, rows = 1, total
    elif layout == "ontop":
        columns, rows = 1, 1
    elif layout == "around":
        side = min(width, height)
        sine = math.sin(math.pi / total)
        size = max(1, min(4, int(side * sine / (1 + sine) + 1e-6)))
        while size > 1 and touching(total, size, width, height):
            size -= 1
        return Lattice(total, 1, size, total)
    else:
        wanted = total if layout == "grid" else total + total // 2 + 1
        columns, rows = max(
            ((c, -(-wanted // c)) for c in range(1, width + 1) if -(-wanted // c) <= height),
            key=lambda s: (min(width // s[0], height // s[1]), min(width / s[0], height / s[1]),
                           -s[0] * s[1], -abs(s[0] - s[1])))
    return Lattice(columns, rows, max(1, min(width // columns, height // rows, SIZES)), total)


def towards_middle(start, middle):
    """The whole number next to a start; halves go towards the middle."""
    low = math.floor(start + 1e-6)
    part = start - low
    if abs(part - .5) < 1e-6:
        return low + 1 if middle > 1e-6 else low
    return low if part < .5 else low + 1


def around(spot, total, size, width, height):
    radius = (min(width, height) - size) / 2
    angle = 2 * math.pi * spot / total
    x, y = width / 2 + radius * math.sin(angle), height / 2 - radius * math.cos(angle)
    return (towards_middle(y - size / 2, height / 2 - y), towards_middle(x - size / 2, width / 2 - x))


def touching(total, size, width, height):
    taken = [around(i, total, size, width, height) for i in range(total)]
    return any(abs(a[0] - b[0]) < size and abs(a[1] - b[1]) < size for i, a in enumerate(taken) for b in taken[:i])


def place(picture, spot, size):
    """Row and column of a thing's first cell."""
    width, height, first = picture.area()
    at = picture.lattice
    if picture.layout == "around":
        row, column = around(spot, at.total, at.size, width, height)
        back = (at.size - size) // 2
        return first + row + back, column + back
    down, across = divmod(spot, at.columns)
    if picture.layout == "scatter":
        row, column = down * height // at.rows, across * width // at.columns
        slack = min(width // at.columns, height // at.rows) - size
        return first + row + slack * (across % 2), column + slack * (down % 2)
    inrow = at.columns
    if picture.layout == "grid" and down == at.rows - 1 and at.total % at.columns:
        inrow = at.total % at.columns
    x, y = (across + .5) * width / inrow, (down + .5) * height / at.rows
    return (first + towards_middle(y - size / 2, height / 2 - y), towards_middle(x - size / 2, width / 2 - x))


def arranged(picture, rng):
    """The picture with its things laid out anew."""
    width, height, _ = picture.area()
    total = picture.total()
    layout = effective(picture.layout, total, width)
    lattice = lattice_of(layout, total, width, height)
    spots = tuple(range(total))
    if layout == "scatter":
        spots = tuple(rng.sample(range(min(SPOTS, lattice.columns * lattice.rows)), total))
    elif layout in ("right", "below"):
        spots = (1, 0)
    elif layout == "ontop":
        spots = (0, 0)
    return replace(picture, layout=layout, lattice=lattice, spots=spots)


def sized(picture, index, relative):
    size = picture.lattice.size
    if picture.layout == "ontop":
        size = size if index == 0 else SMALL[size]
    return {"small": SMALL[size], "normal": NORMAL[size], "big": size}[relative]


def letters(picture):
    """Size of the letters and their row: large and in the middle where there is nothing else."""
    width, height = FORMS[picture.form]
    count, top = len(picture.word.text), picture.word.where == "top"
    if not picture.groups:
        size = max(1, min(4, width // count))
        return size, 0 if top else (height - size) // 2
    if 2 * count <= width:
        return 2, 0 if top else height - 2
    return 1, 1 if top else height - 2


def things(picture):
    """(kind, slot, size, row, column, left, spot) in the order of drawing; letters have no spot."""
    out = []
    for number, group in enumerate(picture.groups):
        size = sized(picture, number, group.relative)
        for i in range(group.count):
            spot = picture.spots[len(out)]
            out.append((group.kind, group.slot, size, *place(picture, spot, size), group.count - 1 - i, spot))
    if picture.word:
        width, height = FORMS[picture.form]
        text = picture.word.text
        size, row = letters(picture)
        first = (width - len(text) * size) // 2
        for i, letter in enumerate(text):
            out.append(("l:" + letter, picture.word.slot, size, row, first + i * size, len(text) - 1 - i, None))
    return out


def plan(picture):
    """Steps of the plan: lists of tokens, and which of them are written."""
    total, at = 0, picture.lattice
    steps = [["<head>", picture.background, picture.layout, picture.word.where if picture.word else "wordless"]]
    for g in picture.groups:
        total += g.count
        steps.append([g.kind, g.slot, g.relative, "n%d" % g.count, "t%d" % total])
    if picture.word:
        steps.append(["word", picture.word.slot, "n%d" % len(picture.word.text)])
    first = ["s%d" % picture.spots[0]] if picture.spots else []
    steps.append(["<place>", "h%d" % at.columns, "v%d" % at.rows, "z%d" % at.size, "t%d" % at.total] + first)
    rows = things(picture)
    for i, (kind, slot, size, row, column, left, spot) in enumerate(rows):
        step = [kind, slot, "z%d" % size, "y%d" % row, "x%d" % column, "r%d" % left]
        if i + 1 < len(rows) and rows[i + 1][6] is not None:
            step.append("s%d" % rows[i + 1][6])
        if spot is not None:
            step.append("w%d" % spot)
        steps.append(step)
    return steps


def cells(picture):
    """Every cell from the top down: the upper thing and the one under it."""
    width, height = FORMS[picture.form]
    rows = things(picture)
    out = []
    for y in range(height):
        for x in range(width):
            found = [t for t in rows if t[3] <= y < t[3] + t[2] and t[4] <= x < t[4] + t[2]]
            if not found:
                out.append(["empty"])
                continue
            kind, slot, size, row, column = found[-1][:5]
            step = [kind, slot, "z%d" % size, "i%d" % (y - row), "j%d" % (x - column)]
            if len(found) > 1:
                kind, slot, size, row, column = found[-2][:5]
                step += ["u:" + kind, "u:" + slot, "u:z%d" % size, "u:i%d" % (y - row), "u:j%d" % (x - column)]
            else:
                step.append("u:empty")
            out.append(step)
    return out


FIELD_OF = {ID[name]: i for i, names in enumerate(FIELDS.values()) for name in names}
