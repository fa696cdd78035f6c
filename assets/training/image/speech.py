"""Says things in English or Chinese, in the words of the lexicon."""
from lexicon import COLOURS, LETTERS, NUMBERS_EN, NUMBERS_ZH, PLACES, SHAPES

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
        parts, behind = [], ""
        if counted and not (count == 1 and self.rng.random() < .08):
            parts.append(self.number(count, kind))
        if size:
            parts.append({"small": self.pick("小", "小的"), "big": self.pick("大", "大的")}[size] if self.zh else
                         self.pick(*{"small": ("small", "little", "tiny"), "big": ("big", "large")}[size]))
        if outline:
            parts.append(self.pick("空心的", "空心", "描边的") if self.zh else self.pick("outlined", "hollow", "outline"))
        if colour:
            said = self.colour(colour)
            if not self.zh and self.rng.random() < .08:
                behind = " in " + said
            else:
                parts.append(said + self.pick("", "的") if self.zh else said)
        parts.append(self.shape(kind, count))
        return ("" if self.zh else " ").join(parts) + behind

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
        """Asks for a word; the colour is said before or behind it."""
        plain = text.isalnum() and text.isascii()
        place = {None: "", "top": self.pick("在上方", "在顶部") if self.zh else self.pick(" at the top", " on the top"),
                 "bottom": self.pick("在底部", "在下方") if self.zh else " at the bottom"}[where]
        said = "" if not colour else self.colour(colour)
        if self.zh:
            quoted = self.pick('"%s"', "“%s”", "%s" if plain else "“%s”") % text
            return place + (said + self.pick("", "的") + self.pick("文字", "单词") if said else self.pick("写着", "文字")) + quoted
        quoted = self.pick('"%s"', "%s" if plain else '"%s"') % text
        if said and self.rng.random() < .5:
            return self.pick("with the %s %s ", "and the %s %s ") % (said, self.pick("word", "text")) + quoted + place
        behind = " in " + said if said else ""
        return self.pick("with the word ", "with the text ", "saying ") + quoted + (
            behind + place if self.rng.random() < .5 else place + behind)

    def join(self, things):
        if self.zh:
            return "，".join(things[:-1]) + ("和" if len(things) > 1 else "") + things[-1]
        if self.rng.random() < .2:
            return self.pick(" and ", ", ", " ").join(things)
        return ", ".join(things[:-1]) + (" and " if len(things) > 1 else "") + things[-1]


def random_word(rng, most):
    letters = LETTERS[:62]
    count = min(most, rng.choice([1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 8, 9, 10, 11, 12]))
    mode = rng.random()
    pool = letters[:26] if mode < .4 else letters[26:52] if mode < .6 else letters[52:] if mode < .7 else \
        letters if mode < .9 else LETTERS
    text = "".join(rng.choice(pool) for _ in range(count)).strip()
    if rng.random() < .15:  # Twins, as in HELLO.
        text = "".join(c if rng.random() < .5 else text[i - 1] for i, c in enumerate(text))
    return text if text.lower() not in PLACES and text else "Hi"


def random_colour(rng):
    return rng.choice(list(COLOURS)) if rng.random() < .75 else "#%06x" % rng.randrange(1 << 24)
