"""Makes examples: a text about a new picture, or a picture and how it is to change.

`python3 tasks.py` shows some and how fast they are made.
"""
import random
import time
import zlib
from dataclasses import replace

from brush import brushed
from lexicon import FORMS, ID, MOST_OBJECTS, SHAPES, SLOTS, parse, steps
from scene import Group, Lattice, Picture, Word, arranged, cells, plan
from speech import Speaker, random_colour, random_word

KINDS = list(SHAPES)
FORM_SHARES = (.5, .14, .12, .14, .1)
HELD_OUT = 16
EDITS = {"recolour": 20, "recolour-all": 3, "remove": 11, "remove-some": 11, "add": 16, "background": 8, "transparent": 6,
         "size": 7, "outline": 6, "replace": 7, "word": 8, "word-colour": 4, "word-place": 2, "no-word": 4, "sketch": 6,
         "arrange": 7}


class Palette:
    def __init__(self, colours=()):
        self.colours = list(colours)

    def slot(self, colour):
        if colour not in self.colours:
            self.colours.append(colour)
        return "c%d" % self.colours.index(colour)


def signature(picture, edit=""):
    """What of an example is structure: held-out structures are never trained, whatever their colours and words."""
    groups = sorted("%s%d%s" % (g.kind, g.count, g.relative) for g in picture.groups)
    return "%s|%s|%s|%s" % (edit, picture.layout, ",".join(groups), picture.word.where if picture.word else "")


def held_out(picture, edit=""):
    return zlib.crc32(signature(picture, edit).encode()) % HELD_OUT == 3


def outline(kind):
    return kind.startswith("o:")


def bare(kind):
    return kind.removeprefix("o:")


def draw(rng, say):
    """(text, picture, palette)."""
    form = rng.choices(list(FORMS), FORM_SHARES)[0]
    palette = Palette()
    word, background, said = None, "none", []
    order = ["things", "background", "word"] if rng.random() < .4 else ["things", "word", "background"]
    if rng.random() < .12:
        rng.shuffle(order)
    kind = rng.random()
    layout, groups = "grid", []
    for part in order:
        free = len(palette.colours) < SLOTS - 1
        if part == "things" and kind < .97:
            text, layout, groups = (pair if kind < .14 else several)(rng, say, palette)
            said.append(text)
        elif part == "word" and (rng.random() < .38 or kind >= .97):
            content = random_word(rng, min(12, FORMS[form][0]))
            where = rng.choice([None, None, "top", "bottom"])
            colour = random_colour(rng) if rng.random() < .35 and free else None
            said.append(say.word(content, where, colour))
            word = Word(content, palette.slot(colour) if colour else "p3", where or "bottom")
        elif part == "background" and rng.random() < .6:
            colour = random_colour(rng) if rng.random() < .5 and free else None
            said.append(say.background(colour))
            background = palette.slot(colour) if colour else "none"
    text = (say.pick("，", ",") if say.zh else say.pick(" ", ", ") if order[0] == "things" else ", ").join(said)
    if rng.random() < .15:
        text = say.pick("画", "请画") + text if say.zh else say.pick("draw ", "please draw ", "a picture of ") + text
    return text, arranged(Picture(form, background, layout, tuple(groups), word), rng), palette


def pair(rng, say, palette):
    looks = []
    for _ in range(2):
        colour = random_colour(rng) if rng.random() < .85 else None
        looks.append((rng.random() < .2, rng.choice(KINDS), colour, rng.choice([None] * 4 + ["small", "big"])))
    relation = rng.choice(["left", "right", "above", "below", "ontop"])
    first, second = [say.thing(1, k, c, o, s) for o, k, c, s in looks]
    if say.zh and relation != "ontop":
        text = first + "在" + second + "的" + {
            "left": say.pick("左边", "左侧"), "right": say.pick("右边", "右侧"), "above": say.pick("上面", "上边"),
            "below": say.pick("下面", "下边")}[relation]
    elif say.zh:
        text = first + "叠在" + second + "上"
    else:
        text = "%s %s %s" % (first, {
            "left": say.pick("left of", "to the left of"), "right": say.pick("right of", "to the right of"),
            "above": say.pick("above", "over"), "below": say.pick("below", "under"),
            "ontop": say.pick("on top of", "in front of")}[relation], second)
    groups = [Group(("o:" if o else "") + k, palette.slot(c) if c else "p%d" % i, s or "normal", 1)
              for i, (o, k, c, s) in enumerate(looks)]
    return text, relation, groups[::-1] if relation == "ontop" else groups


def several(rng, say, palette):
    kind = rng.random()
    total = rng.randint(1, 4) if kind < .42 else rng.randint(5, 9) if kind < .74 else rng.randint(10, MOST_OBJECTS)
    layout = rng.choices(["grid", "row", "column", "around", "scatter"], (.5, .12, .07, .12, .19))[0]
    count = min(total, rng.choice([1, 1, 2, 2, 3, 3, 4, 5]))
    cuts = sorted(rng.sample(range(1, total), count - 1)) if count > 1 else []
    counts = [b - a for a, b in zip([0] + cuts, cuts + [total])]
    said, groups, used = [], [], set()
    for i, n in enumerate(counts):
        while True:
            colour = random_colour(rng) if rng.random() < .88 else None
            if colour is not None and palette.colours and (rng.random() < .15 or len(palette.colours) >= SLOTS - 1):
                colour = rng.choice(palette.colours)
            look = (rng.random() < .18, rng.choice(KINDS), colour)
            if look not in used:
                break
        used.add(look)
        size = rng.choice([None] * 6 + ["small", "big"])
        said.append(say.thing(n, look[1], colour, look[0], size))
        groups.append(Group(("o:" if look[0] else "") + look[1], palette.slot(colour) if colour else "p%d" % (i % 4),
                            size or "normal", n))
    text = say.join(said)
    if layout != "grid" or rng.random() < .25:
        text += say.pick("，", "") + say.layout(layout) if say.zh else say.pick(" ", ", ") + say.layout(layout)
    return text, layout, groups


def renamed(picture, palette):
    """The same with slots in the order in which they appear in the plan."""
    order = []
    for step in plan(picture):
        for token in step:
            if token[0] == "c" and token[1:].isdigit() and token not in order:
                order.append(token)
    name = {old: "c%d" % i for i, old in enumerate(order)}
    to = lambda t: name.get(t, t)
    word = picture.word and replace(picture.word, slot=to(picture.word.slot))
    groups = tuple(replace(g, slot=to(g.slot)) for g in picture.groups)
    return (replace(picture, background=to(picture.background), groups=groups, word=word),
            Palette(palette.colours[int(old[1:])] for old in order))


def without(picture, gone):
    """The picture without some of its things, by number; the others stay where they are."""
    groups, spots, at = [], [], 0
    for g in picture.groups:
        kept = [i for i in range(at, at + g.count) if i not in gone]
        at += g.count
        spots += [picture.spots[i] for i in kept]
        if kept:
            groups.append(replace(g, count=len(kept)))
    return replace(picture, groups=tuple(groups), spots=tuple(spots))


def edit(rng, say, shares=EDITS):
    """(picture, text, picture after, palette, kind of edit, groups that a brush chose or None), or None when it does not fit."""
    _, before, palette = draw(rng, Speaker(rng, False))
    if rng.random() < .2 and len(before.groups) > 1:
        before = thinned(rng, before)
    before, palette = renamed(before, palette)
    if len(palette.colours) > SLOTS - 2:
        return None
    what = rng.choices(list(shares), shares.values())[0]
    if not before.groups and what not in ("add", "background", "transparent", "word", "word-colour", "word-place"):
        return None
    after = CHANGES[what](rng, say, before, palette)
    if after is None:
        return None
    text, after, *drawn = after
    return drawn[0] if drawn else before, text, after, palette, what, drawn[1] if len(drawn) > 1 else None


def thinned(rng, picture):
    """As pictures are after something was removed: with holes."""
    total = picture.total()
    gone = set(rng.sample(range(total), rng.randint(1, max(1, min(3, total - 1)))))
    kept = without(picture, gone)
    return kept if kept.layout not in ("ontop", "left", "right", "above", "below") and kept.groups else picture


def target(rng, say, picture, palette, whole=.2):
    """Some of the groups, as they are called: (their numbers, name); in Chinese without what goes before."""
    kinds = list(dict.fromkeys(bare(g.kind) for g in picture.groups))
    if rng.random() < .06:
        return list(range(len(picture.groups))), ("所有" if say.zh else say.pick("everything", "all"))
    kind = rng.choice(kinds)
    having = [i for i, g in enumerate(picture.groups) if bare(g.kind) == kind]
    count = sum(picture.groups[i].count for i in having)
    slots = list(dict.fromkeys(picture.groups[i].slot for i in having))
    named = [s for s in slots if s[0] == "c"]
    if named and rng.random() < (.7 if len(slots) > 1 else .15):
        slot = rng.choice(named)
        having = [i for i in having if picture.groups[i].slot == slot]
        count = sum(picture.groups[i].count for i in having)
        said = say.colour(palette.colours[int(slot[1:])])
        name = said + say.pick("", "的") + say.shape(kind, count) if say.zh else said + " " + say.shape(kind, count)
    else:
        name = say.shape(kind, count)
    the = say.pick("", "", "所有") if say.zh else say.pick("the ", "the ", "all ", "")
    return having, the + name


def recoloured(picture, having, slot):
    return replace(picture, groups=tuple(replace(g, slot=slot) if i in having else g
                                         for i, g in enumerate(picture.groups)))


def recolour(rng, say, picture, palette):
    having, name = target(rng, say, picture, palette)
    colour = random_colour(rng)
    said = say.colour(colour)
    text = (say.pick("把", "让") + name + say.pick("变成", "改成", "涂成") + said) if say.zh else say.pick(
        "make %s %s", "turn %s %s", "paint %s %s", "change %s to %s", "colour %s %s") % (name, said)
    return text, recoloured(picture, having, palette.slot(colour))


def recolour_all(rng, say, picture, palette):
    named = [s for s in dict.fromkeys(g.slot for g in picture.groups) if s[0] == "c"]
    if not named:
        return None
    old, colour = rng.choice(named), random_colour(rng)
    was, said = say.colour(palette.colours[int(old[1:])]), say.colour(colour)
    text = say.pick("把%s改成%s", "把%s换成%s") % (was, said) if say.zh else say.pick("change %s to %s", "turn %s into %s") % (was, said)
    return text, recoloured(picture, [i for i, g in enumerate(picture.groups) if g.slot == old], palette.slot(colour))


def remove(rng, say, picture, palette):
    having, name = target(rng, say, picture, palette)
    if len(having) == len(picture.groups) and rng.random() < .6:
        return None
    gone, at = set(), 0
    for i, g in enumerate(picture.groups):
        gone |= set(range(at, at + g.count)) if i in having else set()
        at += g.count
    text = (say.pick("去掉", "删除", "移除", "不要") if say.zh else say.pick("remove ", "delete ", "take away ", "no ")) + name
    return text, without(picture, gone)


def remove_some(rng, say, picture, palette):
    kind = bare(rng.choice(picture.groups).kind)
    last = [i for i, g in enumerate(picture.groups) if bare(g.kind) == kind]
    slots = [picture.groups[i].slot for i in last]
    said = ""
    if rng.random() < (.6 if len(last) > 1 else .1):
        slot = rng.choice(slots)
        if slot[0] != "c":
            return None
        last = [i for i in last if picture.groups[i].slot == slot]
        said = say.colour(palette.colours[int(slot[1:])])
    last = last[-1]
    have = picture.groups[last].count
    if have == picture.total():
        count = rng.randint(1, have - 1) if have > 1 else 0
    else:
        count = rng.randint(1, have)
    if not count:
        return None
    if say.zh:
        text = say.pick("去掉", "删除", "移除") + say.number(count, kind) + (said and said + say.pick("", "的")) + say.shape(kind, count)
    else:
        number = say.pick("one", "one", "1", "a") if count == 1 else say.number(count, kind)
        text = say.pick("remove ", "delete ", "take away ") + number + " " + (said and said + " ") + say.shape(kind, count)
    end = sum(g.count for g in picture.groups[:last + 1])
    return text, without(picture, set(range(end - count, end)))


def add(rng, say, picture, palette):
    count = rng.choice([1, 1, 1, 2, 2, 3, 3, 4, 5, 6])
    total = picture.total() + count
    if total > MOST_OBJECTS:
        return None
    kind = bare(rng.choice(picture.groups).kind) if picture.groups and rng.random() < .45 else rng.choice(KINDS)
    colour = random_colour(rng) if rng.random() < .6 else None
    hollow = rng.random() < .1
    look = ("o:" if hollow else "") + kind
    text = (say.pick("添加", "加上", "再加", "加") if say.zh else say.pick("add ", "add ", "add ")) + \
        say.thing(count, kind, colour, hollow, None)
    same = [i for i, g in enumerate(picture.groups) if g.kind == look]
    slot = palette.slot(colour) if colour else picture.groups[same[-1]].slot if same else "p%d" % (len(picture.groups) % 4)
    joining = [i for i in same if picture.groups[i].slot == slot]
    groups = list(picture.groups)
    if joining:
        groups[joining[-1]] = replace(groups[joining[-1]], count=groups[joining[-1]].count + count)
        at = sum(g.count for g in groups[:joining[-1] + 1]) - count
    elif len(groups) < 6:
        groups.append(Group(look, slot, "normal", count))
        at = total - count
    else:
        return None
    after = replace(picture, groups=tuple(groups))
    free = picture.lattice.columns * picture.lattice.rows - len(picture.spots)
    if picture.layout == "scatter" and free >= count and picture.spots:
        spots = [s for s in range(min(40, picture.lattice.columns * picture.lattice.rows)) if s not in picture.spots]
        if len(spots) < count:
            return None
        new = tuple(rng.sample(spots, count))
        return text, replace(after, spots=picture.spots[:at] + new + picture.spots[at:])
    if picture.layout in ("left", "right", "above", "below", "ontop"):
        after = replace(after, layout="grid")
    return text, arranged(after, rng)


def background(rng, say, picture, palette):
    colour = random_colour(rng)
    said = say.colour(colour)
    text = say.pick("把背景改成%s", "背景变成%s", "%s背景", "背景换成%s") % said if say.zh else say.pick(
        "make the background %s", "%s background", "change the background to %s", "on a %s background") % said
    return text, replace(picture, background=palette.slot(colour))


def transparent(rng, say, picture, palette):
    text = say.pick("透明背景", "把背景变成透明", "背景透明", "去掉背景") if say.zh else say.pick(
        "transparent background", "make the background transparent", "remove the background", "no background")
    return text, replace(picture, background="none")


def size(rng, say, picture, palette):
    having, name = target(rng, say, picture, palette)
    larger = rng.random() < .55
    text = say.pick("把", "让") + name + (say.pick("变大", "大一点", "放大") if larger else say.pick("变小", "小一点")) if say.zh else \
        say.pick("make %s %s", "%s %s") % (name, say.pick("bigger", "larger") if larger else "smaller")
    ladder = ["small", "normal", "big"]
    step = lambda r: ladder[max(0, min(2, ladder.index(r) + (1 if larger else -1)))]
    return text, replace(picture, groups=tuple(replace(g, relative=step(g.relative)) if i in having else g
                                               for i, g in enumerate(picture.groups)))


def hollowed(rng, say, picture, palette):
    having, name = target(rng, say, picture, palette)
    hollow = rng.random() < .55
    text = "把" + name + (say.pick("变成空心", "改成空心") if hollow else say.pick("变成实心", "改成实心")) if say.zh else \
        "make %s %s" % (name, say.pick("outlined", "hollow") if hollow else say.pick("filled", "solid"))
    return text, replace(picture, groups=tuple(
        replace(g, kind=("o:" if hollow else "") + bare(g.kind)) if i in having else g
        for i, g in enumerate(picture.groups)))


def substitute(rng, say, picture, palette):
    having, name = target(rng, say, picture, palette)
    other = rng.choice(KINDS)
    count = sum(picture.groups[i].count for i in having)
    colour = random_colour(rng) if rng.random() < .3 else None
    new = say.thing(count, other, colour, False, None, False)
    text = say.pick("把%s换成%s", "把%s改成%s", "把%s变成%s") % (name, new) if say.zh else say.pick(
        "replace %s with %s", "turn %s into %s", "change %s to %s") % (name, new)
    slot = palette.slot(colour) if colour else None
    return text, replace(picture, groups=tuple(
        replace(g, kind=("o:" if outline(g.kind) else "") + other, slot=slot or g.slot) if i in having else g
        for i, g in enumerate(picture.groups)))


def word(rng, say, picture, palette):
    content = random_word(rng, min(12, FORMS[picture.form][0]))
    quoted = say.pick('"%s"', "%s" if content.isalnum() else '"%s"') % content
    if picture.word and rng.random() < .85:
        text = say.pick("把文字改成", "把文字换成", "文字改成") + quoted if say.zh else say.pick(
            "change the word to %s", "change the text to %s", "make the word say %s", "replace the word with \"%s\"" if
            quoted[0] != '"' else "replace the word with %s") % quoted
        return text, replace(picture, word=replace(picture.word, text=content))
    colour = random_colour(rng) if rng.random() < .3 else None
    where = rng.choice([None, None, "top", "bottom"])
    said = say.word(content, where, colour).replace("with ", "").replace("and ", "")
    text = say.pick("加上", "添加") + said if say.zh else "add " + said
    slot = palette.slot(colour) if colour else picture.word.slot if picture.word else "p3"
    after = replace(picture, word=Word(content, slot, where or (picture.word.where if picture.word else "bottom")))
    return text, after if picture.word else arranged(after, rng)


def word_colour(rng, say, picture, palette):
    if not picture.word:
        return None
    colour = random_colour(rng)
    said = say.colour(colour)
    text = say.pick("把文字变成%s", "把文字改成%s", "文字用%s") % said if say.zh else say.pick(
        "make the word %s", "make the text %s", "paint the word %s") % said
    return text, replace(picture, word=replace(picture.word, slot=palette.slot(colour)))


def word_place(rng, say, picture, palette):
    if not picture.word:
        return None
    where = rng.choice(["top", "bottom"])
    text = ("把文字放" + say.pick("在", "到") + say.pick(*{"top": ("上方", "顶部"), "bottom": ("下方", "底部")}[where])
            if say.zh else "put the word at the " + where)
    return text, replace(picture, word=replace(picture.word, where=where))


def no_word(rng, say, picture, palette):
    if not picture.word:
        return None
    text = say.pick("去掉文字", "删除文字", "不要文字") if say.zh else say.pick(
        "remove the word", "no text", "delete the text", "without the word")
    return text, arranged(replace(picture, word=None), rng)


def sketch(rng, say, picture, palette):
    drawn = replace(picture, groups=tuple(replace(g, kind="o:" + bare(g.kind)) for g in picture.groups))
    colour = random_colour(rng) if rng.random() < .25 else None
    said = say.colour(colour) if colour else ""
    text = say.pick("给草图上色", "给线稿上色", "把草图涂色") if say.zh else say.pick(
        "colour this sketch", "color the sketch", "colour in this sketch", "color this drawing")
    text += (say.pick("成", "") if say.zh else " ") + said if said else ""
    slot = palette.slot(colour) if colour else None
    after = replace(picture, groups=tuple(
        replace(g, kind=bare(g.kind), slot=slot or "p%d" % (i % 4)) for i, g in enumerate(picture.groups)))
    return text, after, drawn


def arrange(rng, say, picture, palette):
    layout = rng.choice(["grid", "row", "column", "around", "scatter"])
    said = say.layout(layout)
    text = say.pick("把它们", "让它们", "") + said if say.zh else say.pick("arrange them ", "put them ", "make them ") + said
    return text, arranged(replace(picture, layout=layout), rng)


CHANGES = {"recolour": recolour, "recolour-all": recolour_all, "remove": remove, "remove-some": remove_some, "add": add,
           "background": background, "transparent": transparent, "size": size, "outline": hollowed,
           "replace": substitute, "word": word, "word-colour": word_colour, "word-place": word_place, "no-word": no_word,
           "sketch": sketch, "arrange": arrange, "brush": brushed}


def meant(words, picture, brushed=None):
    """Which groups and which things of a picture a text speaks of: (their numbers, the things' numbers).

    What a brush chose is meant whatever the text. Of a number that is to be removed these are the last ones, of what is added the group that it joins.
    """
    groups = list(enumerate(picture.groups))
    at = next((i for i, w in enumerate(words) if w in SHAPES), None)
    slots = [w for w in words if w[0] == "c" and w[1:].isdigit()]
    number = next((int(w[1:]) for w in words if w[0] == "n" and w[1:].isdigit()), 0)
    if brushed is not None:
        found, number = list(brushed), 0
    elif at is not None and "add" in words:
        look = ("o:" if "outline" in words else "") + words[at]
        found = [i for i, g in groups if g.kind == look and (not slots or g.slot == slots[0])][-1:]
    elif at is not None:
        found = [i for i, g in groups if bare(g.kind) == words[at]]
        if at and words[at - 1] in slots:
            found = [i for i in found if picture.groups[i].slot == words[at - 1]] or found
        if "remove" in words and number:
            found = found[-1:]
    elif "all" in words or "sketch" in words:
        found = [i for i, g in groups]
    elif slots and not {"background", "word"} & set(words):
        found = [i for i, g in groups if g.slot == slots[0]]
    else:
        found = []
    things, first = set(), 0
    for i, g in groups:
        if i in found:
            gone = min(number, g.count) if "remove" in words and number else g.count
            things |= set(range(first + g.count - gone, first + g.count))
        first += g.count
    return set(found), things


def source_steps(words, picture, brushed):
    """The plan of the picture that is changed; what the text speaks of is marked."""
    groups, things = meant(words, picture, brushed)
    out = [["<picture>", "g:source"]]
    steps = plan(picture)
    placed = next(i for i, step in enumerate(steps) if step[0] == "<place>")
    for i, step in enumerate(steps):
        marked = i - 1 in groups and i < placed or i - placed - 1 in things and i > placed
        out.append(step + ["g:source"] + (["g:meant"] if marked else []))
    return out


def example(rng, hidden=False, edits=.4, whole=False, shares=EDITS):
    """(kind, given steps, written plan, cells, text, picture, palette); hidden ones are of structures never trained.

    A whole one is what it is made of, not steps. Shares are those of the kinds of changes.
    """
    while True:
        say = Speaker(rng, rng.random() < .4)
        start, before, chosen = [["<begin>", "g:prompt"]], None, None
        if rng.random() >= edits:
            text, picture, palette = draw(rng, say)
            what = "scatter" if picture.layout == "scatter" else "grid" if picture.layout in (
                "grid", "row", "column", "around") else "relation"
            slots = []
            if held_out(picture) != hidden:
                continue
        else:
            made = edit(rng, say, shares)
            if made is None:
                continue
            before, text, picture, palette, what, chosen = made
            slots = None
            if held_out(before, what) != hidden:
                continue
            slots = palette.colours[:len({t for s in plan(before) for t in s if t[0] == "c" and t[1:].isdigit()})]
        words, unknown = parse(text, slots)
        if unknown or slots != palette.colours:
            raise ValueError("%r: not understood %r, slots %r, not %r" % (text, unknown, slots, palette.colours))
        if len(slots) > SLOTS:
            continue
        if whole:
            return {"what": what, "text": text, "before": before, "picture": picture, "palette": palette.colours}
        start[0].append("f:" + picture.form)
        # The source comes last, so that each of its steps can tell what the text means for it.
        source = source_steps(words, before, chosen) if before else []
        given = start + steps(words) + source + [["<draw>", "g:prompt"]]
        return what, given, plan(picture), cells(picture), text, picture, palette.colours


if __name__ == "__main__":
    rng = random.Random(1)
    began = time.time()
    lengths, most = [], 0
    for i in range(3000):
        what, given, written, grid, text, picture, colours = example(rng)
        lengths.append(len(given) + len(written))
        most = max([most] + [len(s) for s in given + written])
        assert all(t in ID for s in given + written + grid for t in s), [t for s in given + written + grid for t in s if t not in ID]
        if i % 75 == 0:
            print(what, "|", text, "|", " ".join("+".join(s) for s in given), "=>", " ".join("+".join(s) for s in written), "\n")
    lengths.sort()
    print("%.0f a second; steps without cells: mean %.1f, 95 %% %d, most %d; tokens a step %d" % (
        3000 / (time.time() - began), sum(lengths) / len(lengths), lengths[2850], lengths[-1], most))
