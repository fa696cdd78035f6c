"""Letters as paths: reads the outlines of a TrueType font (OpenType specification, tables cmap, loca, glyf, hmtx)."""
import struct

CAPITALS = .66  # height of capital letters in the square
BASELINE = .79


class Font:
    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        count = struct.unpack_from(">H", self.data, 4)[0]
        self.tables = {}
        for i in range(count):
            tag, _, offset, _ = struct.unpack_from(">4sIII", self.data, 12 + 16 * i)
            self.tables[tag.decode()] = offset
        self.units = struct.unpack_from(">H", self.data, self.tables["head"] + 18)[0]
        self.long = struct.unpack_from(">h", self.data, self.tables["head"] + 50)[0]
        self.metrics = struct.unpack_from(">H", self.data, self.tables["hhea"] + 34)[0]
        self.glyphs = self.mapping()

    def mapping(self):
        at = self.tables["cmap"]
        for i in range(struct.unpack_from(">H", self.data, at + 2)[0]):
            offset = at + struct.unpack_from(">I", self.data, at + 8 + 8 * i)[0]
            if struct.unpack_from(">H", self.data, offset)[0] == 4:
                return self.segments(offset)
        raise ValueError("the font has no table of characters of format 4")

    def segments(self, at):
        n = struct.unpack_from(">H", self.data, at + 6)[0] // 2
        read = lambda place, kind: struct.unpack_from(">%d%s" % (n, kind), self.data, place)
        ends, starts = read(at + 14, "H"), read(at + 16 + 2 * n, "H")
        deltas, ranges = read(at + 16 + 4 * n, "h"), read(at + 16 + 6 * n, "H")
        found = {}
        for i in range(n):
            for code in range(starts[i], min(ends[i], 0x7e) + 1):
                if ranges[i]:
                    place = at + 16 + 6 * n + 2 * i + ranges[i] + 2 * (code - starts[i])
                    glyph = struct.unpack_from(">H", self.data, place)[0]
                else:
                    glyph = code
                found[code] = (glyph + deltas[i]) & 0xffff
        return found

    def advance(self, glyph):
        return struct.unpack_from(">H", self.data, self.tables["hmtx"] + 4 * min(glyph, self.metrics - 1))[0]

    def contours(self, glyph):
        """Lists of (x, y, whether on the curve)."""
        loca = self.tables["loca"]
        if self.long:
            start, end = struct.unpack_from(">II", self.data, loca + 4 * glyph)
        else:
            start, end = (2 * v for v in struct.unpack_from(">HH", self.data, loca + 2 * glyph))
        if start == end:
            return []
        at = self.tables["glyf"] + start
        count = struct.unpack_from(">h", self.data, at)[0]
        return self.simple(at + 10, count) if count >= 0 else self.composite(at + 10)

    def simple(self, at, count):
        ends = struct.unpack_from(">%dH" % count, self.data, at)
        at += 2 * count
        at += 2 + struct.unpack_from(">H", self.data, at)[0]
        total, flags = ends[-1] + 1, []
        while len(flags) < total:
            flag = self.data[at]
            at += 1
            times = 1
            if flag & 8:
                times += self.data[at]
                at += 1
            flags += [flag] * times
        axes = []
        for short, same in ((2, 16), (4, 32)):
            value, values = 0, []
            for flag in flags:
                if flag & short:
                    value += self.data[at] if flag & same else -self.data[at]
                    at += 1
                elif not flag & same:
                    value += struct.unpack_from(">h", self.data, at)[0]
                    at += 2
                values.append(value)
            axes.append(values)
        points = [(x, y, flag & 1) for x, y, flag in zip(*axes, flags)]
        return [points[a:b + 1] for a, b in zip([0] + [e + 1 for e in ends[:-1]], ends)]

    def composite(self, at):
        out, more = [], True
        while more:
            flags, glyph = struct.unpack_from(">HH", self.data, at)
            at += 4
            dx, dy = struct.unpack_from(">hh" if flags & 1 else ">bb", self.data, at)
            at += 4 if flags & 1 else 2
            if flags & 0xc8:
                raise ValueError("a letter is made of scaled parts, which are not read")
            out += [[(x + dx, y + dy, on) for x, y, on in c] for c in self.contours(glyph)]
            more = flags & 32
        return out


def path(font, letter, capital):
    """SVG commands M, L, Q, Z in a square of side 1, the letter in its middle."""
    glyph = font.glyphs[ord(letter)]
    scale = CAPITALS / capital
    left = .5 - font.advance(glyph) * scale / 2
    say = lambda x, y: "%s %s" % tuple(("%.4f" % v).rstrip("0").rstrip(".") for v in (left + x * scale, BASELINE - y * scale))
    out = ""
    for contour in font.contours(glyph):
        dense = []
        for i, (x, y, on) in enumerate(contour):
            before = contour[i - 1]
            if not on and not before[2]:
                dense.append(((x + before[0]) / 2, (y + before[1]) / 2, 1))
            dense.append((x, y, on))
        first = next(i for i, p in enumerate(dense) if p[2])
        dense = dense[first:] + dense[:first + 1]
        out += "M" + say(*dense[0][:2])
        i = 1
        while i < len(dense):
            if dense[i][2]:
                out += "L" + say(*dense[i][:2])
                i += 1
            else:
                out += "Q" + say(*dense[i][:2]) + " " + say(*dense[i + 1][:2])
                i += 2
        out += "Z"
    return out


def outlines(font_path, letters):
    font = Font(font_path)
    capital = max(y for c in font.contours(font.glyphs[ord("H")]) for _, y, _ in c)
    return {letter: path(font, letter, capital) for letter in letters}
