"""Scenes, how they are asked for in English and Chinese, how they are changed, and their tokens.

A scene is drawn on a field of 16 by 16 units that is stretched over the canvas; places are half units.
"""
import random

from lexicon import COLOURS, ID, LETTERS, NUMBERS_EN, NUMBERS_ZH, SHAPES, SLOTS, WORDS, parse

KINDS = list(SHAPES)
COLUMNS = {"square-form": 1.0, "wide-form": 16 / 9, "tall-form": 9 / 16}
DIAMETERS = [2, 2.5, 3.5, 5, 7, 10]  # units, by size 1..6


def base_size(total):
    return 5 if total == 1 else 4 if total <= 4 else 3 if total <= 9 else 2


def columns(total, form):
    ratio = COLUMNS[form]
    count = 1
    while count * max(1, int(count / ratio + 0.5)) < total:
        count += 1
    return count


def half(value):
    return max(0, min(32, int(value * 2 + 0.5)))


def places(layout, total, form, rng):
    """Centres in half units for the objects in order."""
    if layout == "grid":
        across = columns(total, form)
        down = -(-total // across)
        found = []
        for i in range(total):
            row, col = divmod(i, across)
            inrow = min(across, total - row * across)
            found.append((half((col + 0.5) * 16 / inrow), half((row + 0.5) * 16 / down)))
        return found
    if layout == "row":
        return [(half((i + 0.5) * 16 / total), 16) for i in range(total)]
    if layout == "column":
        return [(16, half((i + 0.5) * 16 / total)) for i in range(total)]
    if layout == "around":
        import math
        return [(half(8 + 5.5 * math.sin(2 * math.pi * i / total)), half(8 - 5.5 * math.cos(2 * math.pi * i / total)))
                for i in range(total)]
    side = 3 if total <= 5 else 4 if total <= 12 else 5
    spots = [(half((c + 0.5) * 16 / side), half((r + 0.5) * 16 / side)) for r in range(side) for c in range(side)]
    return rng.sample(spots, total)


class Scene:
    """form, background slot name or 'none', layout, objects [(outline, kind, colour, size, x, y)], word."""

    def __init__(self, form, background, layout, objects, word=None):
        self.form, self.background, self.layout, self.objects, self.word = form, background, layout, objects, word

    def copy(self):
        return Scene(self.form, self.background, self.layout, list(self.objects), self.word)

    def tokens(self):
        out = [self.background, self.layout, "n%d" % len(self.objects) if self.objects else "free"]
        last, index = None, 0
        for outline, kind, colour, size, x, y in self.objects:
            index = index + 1 if (outline, kind, colour) == last else 1
            last = (outline, kind, colour)
            out.append("#%d" % index)
            if outline:
                out.append("outline")
            out += [kind, colour, "s%d" % size, "x%d" % x, "y%d" % y]
        if self.word:
            where, colour, text = self.word
            out += ["word", where, colour] + ["l:" + c for c in text] + ["endword"]
        return out

    def renamed(self):
        """The same with its slots in the order in which they appear, and the old names in that order."""
        order = []
        for token in self.tokens():
            if token[0] == "c" and token[1:].isdigit() and token not in order:
                order.append(token)
        name = {old: "c%d" % i for i, old in enumerate(order)}
        change = lambda t: name.get(t, t)
        return Scene(self.form, change(self.background), self.layout,
                     [(o, k, change(c), s, x, y) for o, k, c, s, x, y in self.objects],
                     (self.word[0], change(self.word[1]), self.word[2]) if self.word else None), order


EN_COLOURS = {h: t.split("|")[0].split(" ") for h, t in COLOURS.items()}
ZH_COLOURS = {h: t.split("|")[1:] for h, t in COLOURS.items()}
EN_SHAPES = {k: t.split("|")[0].split(" ") for k, t in SHAPES.items()}
ZH_SHAPES = {k: t.split("|")[1:] for k, t in SHAPES.items()}
ZH_MEASURE = {"star": "颗", "heart": "颗", "flower": "朵", "cloud": "朵", "fish": "条", "house": "座", "tree": "棵",
              "flag": "面", "sun": "轮", "moon": "轮", "drop": "滴", "bolt": "道", "leaf": "片"}


class Speaker:
    """Says things in one language. Colours are spoken as words or as hex."""

    def __init__(self, rng, chinese):
        self.rng, self.zh = rng, chinese

    def pick(self, *choices):
        return self.rng.choice(choices)

    def colour(self, value):
        if value not in COLOURS or self.rng.random() < .15:
            return value
        if not self.zh:
            return self.rng.choice(EN_COLOURS[value]).replace("~", " ")
        return self.rng.choice(ZH_COLOURS[value])

    def number(self, count, kind):
        if self.zh:
            measure = ZH_MEASURE.get(kind, "个") if self.rng.random() < .7 else "个"
            word = "两" if count == 2 else NUMBERS_ZH[count - 1]
            return (word if self.rng.random() < .75 else str(count)) + measure
        if count == 1:
            return self.pick("a", "a", "one", "1")
        return NUMBERS_EN[count - 1] if self.rng.random() < .6 else str(count)

    def shape(self, kind, count):
        if self.zh:
            return self.rng.choice(ZH_SHAPES[kind])
        words = EN_SHAPES[kind]
        plural = [w for w in words if w.endswith("s") and w != "cross"] or words
        single = [w for w in words if w not in plural] or words
        return self.rng.choice(single if count == 1 else plural)

    def thing(self, count, kind, colour, outline, size, counted=True):
        parts = []
        if counted:
            parts.append(self.number(count, kind))
        if size:
            parts.append({"small": self.pick("小", "小的"), "big": self.pick("大", "大的")}[size] if self.zh else
                         self.pick(*{"small": ("small", "little", "tiny"), "big": ("big", "large")}[size]))
        if outline:
            parts.append(self.pick("空心的", "空心", "描边的") if self.zh else self.pick("outlined", "hollow", "outline"))
        if colour:
            said = self.colour(colour)
            parts.append(said + self.pick("", "的") if self.zh else said)
        parts.append(self.shape(kind, count))
        return ("" if self.zh else " ").join(parts)

    def layout(self, layout):
        return self.pick(*{
            "grid": ("排成网格", "整齐排列") if self.zh else ("in a grid", "in a grid"),
            "row": ("排成一行", "排成一排") if self.zh else ("in a row", "side by side"),
            "column": ("排成一列",) * 2 if self.zh else ("in a column",) * 2,
            "around": ("围成一圈", "排成一圈") if self.zh else ("in a circle", "in a ring"),
            "scatter": ("散落", "随机排列") if self.zh else ("scattered", "randomly"),
        }[layout])

    def background(self, colour):
        if colour is None:
            return self.pick("透明背景", "背景透明") if self.zh else self.pick(
                "on transparent background", "on a transparent background", "transparent background")
        said = self.colour(colour)
        if self.zh:
            return self.pick(said + "背景", "背景是" + said) if said[0] != "#" else said + "背景"
        return self.pick("on a %s background", "on %s background", "%s background") % said

    def word(self, text, where, colour):
        place = {None: "", "top": "在上方" if self.zh else " at the top", "bottom": "在底部" if self.zh else
                 " at the bottom"}[where]
        said = "" if not colour else self.colour(colour)
        if self.zh:
            return place + self.pick("写着", "文字") + (said and said + "的") + self.pick('"%s"', "“%s”", "%s") % text \
                if not said else place + said + "文字" + self.pick('"%s"', "%s") % text
        quoted = self.pick('"%s"', "%s", "'%s'" if text.isalnum() else '"%s"') % text
        return (self.pick("with the word ", "with the text ", "saying ") if not said else
                "with the %s %s " % (said, self.pick("word", "text"))) + quoted + place

    def join(self, things):
        if self.zh:
            return "，".join(things[:-1]) + ("和" if len(things) > 1 else "") + things[-1]
        return ", ".join(things[:-1]) + (" and " if len(things) > 1 else "") + things[-1]


def random_word(rng):
    letters = LETTERS[:62]
    count = rng.choice([1, 2, 3, 3, 4, 4, 5, 5, 6, 7, 8, 9, 10])
    mode = rng.random()
    pool = letters[:26] if mode < .45 else letters[26:52] if mode < .65 else letters[52:] if mode < .75 else letters
    text = "".join(rng.choice(pool) for _ in range(count))
    if mode > .92:
        text = text[:9] + "!"
    low = text.lower()
    return text if low not in ("at", "in", "on", "and", "the", "to", "into", "with", "from", "of") else text + "X"


def random_colour(rng):
    return rng.choice(list(COLOURS)) if rng.random() < .75 else "#%06x" % rng.randrange(1 << 24)


def draw(rng, hidden=False):
    """A new picture: (form, text, scene)."""
    form = rng.choices(list(COLUMNS), (.6, .2, .2))[0]
    say = Speaker(rng, rng.random() < .4)
    palette = []

    def slot(colour):
        if colour not in palette:
            palette.append(colour)
        return "c%d" % palette.index(colour)

    mode = rng.random()
    objects, text = [], None
    if mode < .16:  # two things and how they stand
        pair = []
        for _ in range(2):
            colour = random_colour(rng) if rng.random() < .85 else None
            pair.append((rng.random() < .2, rng.choice(KINDS), colour, rng.choice([None, None, None, "small", "big"])))
        relation = rng.choice(["left", "right", "above", "below", "ontop"])
        first, second = [say.thing(1, k, c, o, s) for o, k, c, s in pair]
        if say.zh and relation != "ontop":
            words = {"left": "左边", "right": "右边", "above": "上面", "below": "下面"}[relation]
            text = first + "在" + second + "的" + words
        elif say.zh:
            text = first + "叠在" + second + "上"
        else:
            text = "%s %s %s" % (first, {"left": say.pick("left of", "to the left of"), "right": say.pick(
                "right of", "to the right of"), "above": "above", "below": say.pick("below", "under"),
                "ontop": say.pick("on top of", "in front of")}[relation], second)
        slots = [slot(c) if c else "p%d" % i for i, (_, _, c, _) in enumerate(pair)]
        spots = {"left": ((8, 16), (24, 16)), "right": ((24, 16), (8, 16)), "above": ((16, 8), (16, 24)),
                 "below": ((16, 24), (16, 8)), "ontop": ((16, 16), (16, 16))}[relation]
        sizes = [4 + {"small": -1, "big": 1, None: 0}[s] for _, _, _, s in pair]
        if relation == "ontop":
            sizes = [sizes[0] - 1, sizes[1] + 1]
        made = [(o, k, slots[i], sizes[i], *spots[i]) for i, (o, k, _, _) in enumerate(pair)]
        objects = made[::-1] if relation == "ontop" else made
        layout = "pair"
    else:
        kind = rng.random()
        total = rng.randint(1, 4) if kind < .45 else rng.randint(5, 9) if kind < .78 else rng.randint(10, 20)
        layout = rng.choices(["grid", "row", "column", "around", "scatter"], (.5, .12, .06, .1, .22))[0]
        if layout in ("row", "column") and total > 8 or layout == "around" and not 3 <= total <= 12:
            layout = "grid"
        groups = min(total, rng.choice([1, 1, 2, 2, 3, 4]))
        cuts = sorted(rng.sample(range(1, total), groups - 1)) if groups > 1 else []
        counts = [b - a for a, b in zip([0] + cuts, cuts + [total])]
        things, looks, used = [], [], set()
        for i, count in enumerate(counts):
            while True:
                colour = random_colour(rng) if rng.random() < .88 else None
                if colour is not None and palette and rng.random() < .12:
                    colour = rng.choice(palette)
                look = (rng.random() < .15, rng.choice(KINDS), colour)
                if look not in used:
                    break
            used.add(look)
            size = rng.choice([None] * 6 + ["small", "big"])
            things.append(say.thing(count, look[1], colour, look[0], size))
            name = slot(colour) if colour else "p%d" % i
            looks += [(look[0], look[1], name, base_size(total) + {"small": -1, "big": 1, None: 0}[size])] * count
        spots = places(layout, total, form, rng)
        objects = [(*look, *spot) for look, spot in zip(looks, spots)]
        text = say.join(things)
        if layout != "grid" or rng.random() < .25:
            text += say.pick("，", "") + say.layout(layout) if say.zh else say.pick(" ", ", ") + say.layout(layout)
    extras, word, background = [], None, "none"
    # What is said first gets the first free slot, so the order is chosen before slots are.
    order = ["background", "word"] if rng.random() < .5 else ["word", "background"]
    for extra in order:
        if extra == "word" and rng.random() < .35:
            content = random_word(rng)
            where = rng.choice([None, None, "top", "bottom"])
            colour = random_colour(rng) if rng.random() < .3 and len(palette) < SLOTS - 1 else None
            extras.append(say.word(content, where, colour))
            word = (where or "bottom", slot(colour) if colour else "p3", content)
        if extra == "background" and rng.random() < .6:
            if rng.random() < .5 or len(palette) >= SLOTS - 1:
                extras.append(say.background(None))
            else:
                colour = random_colour(rng)
                extras.append(say.background(colour))
                background = slot(colour)
    for extra in extras:
        text += (say.pick("，", ",") if say.zh else say.pick(" ", ", ")) + extra
    if not hidden and rng.random() < .2:
        text = say.pick("画", "请画") + text if say.zh else say.pick("draw ", "please draw ", "a picture of ") + text
    return form, text, Scene(form, background, layout, objects, word), palette


def edit(rng):
    """A change: (scene before, text, scene after, palette after); None when the draw did not fit."""
    form, _, before, palette = draw(rng)
    before, order = before.renamed()
    palette = [palette[int(name[1:])] for name in order]
    if len(palette) > SLOTS - 2:
        return None
    say = Speaker(rng, rng.random() < .4)
    after = before.copy()
    kinds = []
    for o in after.objects:
        if o[1] not in kinds:
            kinds.append(o[1])
    kind = rng.choice(kinds)
    having = [i for i, o in enumerate(after.objects) if o[1] == kind]
    zh = say.zh
    name = say.shape(kind, len(having))
    the = "" if zh else say.pick("the ", "the ", "")

    def slot(colour):
        if colour not in palette:
            palette.append(colour)
        return "c%d" % palette.index(colour)

    what = rng.choices(["recolour", "remove", "remove-some", "add", "background", "transparent", "size", "outline",
                        "replace", "word", "no-word", "sketch"], (20, 12, 8, 16, 9, 7, 7, 6, 7, 7, 3, 5))[0]
    if what == "recolour":
        colour = random_colour(rng)
        said = say.colour(colour)
        text = (say.pick("把", "让") + name + say.pick("变成", "改成", "涂成") + said) if zh else say.pick(
            "make %s%s %s", "turn %s%s %s", "paint %s%s %s") % (the, name, said)
        new = slot(colour)
        after.objects = [(o, k, new, s, x, y) if k == kind else (o, k, c, s, x, y)
                         for o, k, c, s, x, y in after.objects]
    elif what == "remove":
        if len(kinds) < 2:
            return None
        text = say.pick("去掉", "删除", "移除") + say.pick("", "所有") + name if zh else \
            say.pick("remove ", "delete ", "take away ") + say.pick(the, the, "all ") + name
        after.objects = [o for o in after.objects if o[1] != kind]
    elif what == "remove-some":
        count = rng.randint(1, max(1, len(having) - 1))
        if len(having) <= count:
            return None
        if zh:
            text = say.pick("去掉", "删除") + say.number(count, kind) + say.shape(kind, count)
        else:
            said = say.pick("one", "one", "1", "a") if count == 1 else say.number(count, kind)
            text = say.pick("remove ", "delete ") + said + " " + say.shape(kind, count)
        gone = set(having[-count:])
        after.objects = [o for i, o in enumerate(after.objects) if i not in gone]
    elif what == "add":
        count = rng.choice([1, 1, 2, 2, 3, 3, 4, 5])
        total = len(after.objects) + count
        if total > 20:
            return None
        new_kind = kind if rng.random() < .4 else rng.choice(KINDS)
        colour = random_colour(rng) if rng.random() < .7 else None
        outline = rng.random() < .1
        thing = say.thing(count, new_kind, colour, outline, None)
        text = (say.pick("添加", "加上", "再加") if zh else say.pick("add ", "add ")) + thing
        same = [o for o in after.objects if o[1] == new_kind]
        if colour:
            name_of = slot(colour)
        else:
            name_of = same[-1][2] if same else "p0"
        look = (outline, new_kind, name_of, base_size(total))
        spots = places("grid", total, form, rng)
        # Everything moves together, so that nothing lies upon anything.
        at = max([i for i, o in enumerate(after.objects) if o[:3] == look[:3]], default=len(after.objects) - 1) + 1
        kept = after.objects[:at] + [(*look, 0, 0)] * count + after.objects[at:]
        after.objects = [(o, k, c, base_size(total), *spot) for (o, k, c, _, _, _), spot in zip(kept, spots)]
        after.layout = "grid"
    elif what == "background":
        colour = random_colour(rng)
        said = say.colour(colour)
        text = (say.pick("把背景改成", "背景变成") + said) if zh else say.pick(
            "make the background %s", "%s background", "change the background to %s") % said
        after.background = slot(colour)
    elif what == "transparent":
        text = say.pick("透明背景", "把背景变成透明") if zh else say.pick(
            "transparent background", "make the background transparent", "remove the background")
        after.background = "none"
    elif what == "size":
        way = rng.choice([1, -1])
        text = say.pick("把", "让") + name + (say.pick("变大", "大一点") if way > 0 else say.pick("变小", "小一点")) if zh else \
            "make %s%s %s" % (the, name, "bigger" if way > 0 else "smaller")
        after.objects = [(o, k, c, max(1, min(6, s + way)), x, y) if k == kind else (o, k, c, s, x, y)
                         for o, k, c, s, x, y in after.objects]
    elif what == "outline":
        hollow = rng.random() < .6
        text = "把" + name + (say.pick("变成空心", "改成空心") if hollow else say.pick("变成实心", "改成实心")) if zh else \
            "make %s%s %s" % (the, name, say.pick("outlined", "hollow") if hollow else say.pick("filled", "solid"))
        after.objects = [(hollow, k, c, s, x, y) if k == kind else (o, k, c, s, x, y)
                         for o, k, c, s, x, y in after.objects]
    elif what == "replace":
        other = rng.choice([k for k in KINDS if k not in kinds])
        count = len(having)
        text = say.pick("把%s换成%s", "把%s改成%s") % (name, say.shape(other, count)) if zh else say.pick(
            "replace %s%s with %s", "turn %s%s into %s") % (the, name, ("a " if count == 1 else "") + say.shape(other, count))
        after.objects = [(o, other, c, s, x, y) if k == kind else (o, k, c, s, x, y)
                         for o, k, c, s, x, y in after.objects]
    elif what == "word":
        content = random_word(rng)
        if after.word:
            text = say.pick("把文字改成", "把文字换成") + say.pick('"%s"', "%s") % content if zh else say.pick(
                "change the word to %s", "change the text to \"%s\"") % content
            after.word = (*after.word[:2], content)
        else:
            text = say.pick("加上文字", "写着") + say.pick('"%s"', "%s") % content if zh else say.pick(
                "add the word %s", "add the text \"%s\"") % content
            after.word = ("bottom", "p3", content)
    elif what == "no-word":
        if not after.word:
            return None
        text = say.pick("去掉文字", "删除文字") if zh else say.pick("remove the word", "no text", "delete the text")
        after.word = None
    else:
        before.objects = [(True, k, c, s, x, y) for _, k, c, s, x, y in before.objects]
        after = before.copy()
        after.objects = [(False, k, c, s, x, y) for _, k, c, s, x, y in after.objects]
        text = say.pick("给草图上色", "给线稿上色") if zh else say.pick(
            "colour this sketch", "color the sketch", "colour in this sketch")
    return before, text, after, palette


def example(rng):
    """Token names: (what is given, what is to be written). The text goes through the parser, as a person's does."""
    while True:
        if rng.random() < .5:
            form, text, scene, palette = draw(rng)
            given = ["<begin>", form]
            slots = []
        else:
            made = edit(rng)
            if made is None:
                continue
            before, text, scene, palette = made
            form = before.form
            given = ["<begin>", form, "<picture>"] + before.tokens()
            slots = palette[:len(set(t for t in before.tokens() if t[0] == "c" and t[1:].isdigit()))]
        words, unknown = parse(text, slots)
        if unknown or len(slots) > SLOTS:
            if unknown:
                raise ValueError("not understood: %r in %r" % (unknown, text))
            continue
        if slots != palette:
            raise ValueError("slots differ in %r: %r, %r" % (text, slots, palette))
        return given + words + ["<draw>"], scene.tokens() + ["<end>"], text, scene


def ids(names):
    return [ID[name] for name in names]


if __name__ == "__main__":
    rng = random.Random(1)
    lengths = []
    for i in range(3000):
        given, target, text, scene = example(rng)
        lengths.append(len(given) + len(target))
        if i < 25:
            print(text, "|", " ".join(given), "=>", " ".join(target), "\n")
    lengths.sort()
    print("tokens: mean", sum(lengths) / len(lengths), "95 %", lengths[int(.95 * len(lengths))], "most", lengths[-1])
