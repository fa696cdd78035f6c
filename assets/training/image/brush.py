"""Changes of what was painted over with a brush: only those things are meant, whatever else is of their kind."""
from dataclasses import replace

from lexicon import SHAPES
from speech import random_colour

MOST_GROUPS = 7


def parted(picture, chosen):
    """(the picture with chosen things in groups of their own, behind those they were in; these groups' numbers)."""
    groups, spots, meant, first = [], [], set(), 0
    for g in picture.groups:
        all_of = range(first, first + g.count)
        first += g.count
        for part, own in (([i for i in all_of if i not in chosen], False), ([i for i in all_of if i in chosen], True)):
            if part:
                if own:
                    meant.add(len(groups))
                groups.append(replace(g, count=len(part)))
                spots += [picture.spots[i] for i in part]
    return replace(picture, groups=tuple(groups), spots=tuple(spots)), meant


def brushed(rng, say, picture, palette):
    """(text, picture after, picture before with its groups parted, the groups that are meant), or None."""
    if not picture.groups:
        return None
    owner = [i for i, g in enumerate(picture.groups) for _ in range(g.count)]
    one = rng.choice(owner)
    pool = [t for t, o in enumerate(owner) if o == one or rng.random() < .15]
    chosen = set(rng.sample(pool, min(len(pool), rng.choice([1, 1, 1, 2, 2, 3, 5]))))
    before, meant = parted(picture, chosen)
    if len(before.groups) > MOST_GROUPS:
        return None
    kinds = {before.groups[i].kind.removeprefix("o:") for i in meant}
    count = sum(before.groups[i].count for i in meant)
    name = say.pick("它", "这个", "") if say.zh else say.pick("it", "this")
    if len(kinds) == 1 and rng.random() < .5:
        name = say.shape(*kinds, count) if say.zh else "the " + say.shape(*kinds, count)
    colour = random_colour(rng)
    said = say.colour(colour)
    what = rng.choices(["recolour", "remove", "bigger", "smaller", "outline", "filled", "replace"],
                       (35, 20, 8, 8, 6, 3, 20))[0]
    if what == "remove":
        text = (say.pick("去掉", "删除") if say.zh else say.pick("remove ", "delete ", "take away ")) + name
        return text, kept(before, meant), before, meant
    if what == "replace":
        other, coloured = rng.choice(list(SHAPES)), rng.random() < .3
        new = say.thing(1, other, colour if coloured else None, False, None, False)
        text = "把" + name + say.pick("换成", "变成") + new if say.zh else say.pick(
            "turn %s into a %s", "replace %s with a %s") % (name, new)
        change = lambda g: replace(g, kind=("o:" if g.kind.startswith("o:") else "") + other,
                                   slot=palette.slot(colour) if coloured else g.slot)
    elif what == "recolour":
        text = "把" + name + say.pick("变成", "涂成") + said if say.zh else say.pick("make %s %s", "paint %s %s") % (name, said)
        slot = palette.slot(colour)
        change = lambda g: replace(g, slot=slot)
    elif what in ("bigger", "smaller"):
        text = "把" + name + ("变大" if what == "bigger" else "变小") if say.zh else "make %s %s" % (name, what)
        ladder = ["small", "normal", "big"]
        step = 1 if what == "bigger" else -1
        change = lambda g: replace(g, relative=ladder[max(0, min(2, ladder.index(g.relative) + step))])
    else:
        mark = "o:" if what == "outline" else ""
        text = "把" + name + ("变成空心" if mark else "变成实心") if say.zh else "make %s %s" % (
            name, say.pick("outlined", "hollow") if mark else say.pick("filled", "solid"))
        change = lambda g: replace(g, kind=mark + g.kind.removeprefix("o:"))
    return text, replace(before, groups=tuple(change(g) if i in meant else g for i, g in enumerate(before.groups))), \
        before, meant


def kept(picture, gone):
    """The picture without some of its groups; the others stay where they are."""
    spots, first = [], 0
    for i, g in enumerate(picture.groups):
        spots += picture.spots[first:first + g.count] if i not in gone else ()
        first += g.count
    groups = tuple(g for i, g in enumerate(picture.groups) if i not in gone)
    return replace(picture, groups=groups, spots=tuple(spots))
