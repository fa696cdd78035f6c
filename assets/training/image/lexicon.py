"""The words that the starter image model understands, and how a text becomes tokens.

`python3 lexicon.py` writes the same as JSON for the program. A phrase maps to tokens; the longest phrase at a place
wins; what is neither a phrase nor a colour nor a quoted word is unknown and reported.
"""
import json
import re

SHAPES = {
    "circle": "circle circles disc discs dot dots ball balls|圆形|圆圈|圆点|圆|球",
    "square": "square squares box boxes|正方形|方块|方形",
    "triangle": "triangle triangles|三角形|三角",
    "star": "star stars|五角星|星星|星形|星",
    "heart": "heart hearts|爱心|心形|心",
    "diamond": "diamond diamonds rhombus|菱形|钻石",
    "ring": "ring rings donut donuts|圆环|环形|环|戒指",
    "cross": "cross crosses|十字|加号",
    "hexagon": "hexagon hexagons|六边形|六角形",
    "moon": "moon moons crescent crescents|月亮|月牙|弯月",
    "pentagon": "pentagon pentagons|五边形",
    "octagon": "octagon octagons|八边形",
    "oval": "oval ovals ellipse ellipses|椭圆形|椭圆",
    "arrow": "arrow arrows|箭头",
    "drop": "drop drops raindrop raindrops|水滴|雨滴",
    "flower": "flower flowers|花朵|鲜花|花",
    "sun": "sun suns|太阳",
    "cloud": "cloud clouds|云朵|云",
    "bolt": "bolt bolts lightning|闪电",
    "house": "house houses home homes|房子|房屋|屋子",
    "tree": "tree trees|树木|树",
    "fish": "fish fishes|鱼儿|鱼",
    "leaf": "leaf leaves|叶子|树叶",
    "flag": "flag flags|旗帜|旗子|旗",
}
NUMBERS_EN = ("one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
              "seventeen eighteen nineteen twenty").split()
NUMBERS_ZH = "一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十".split()
MEASURES = "个 颗 只 朵 座 条 轮 片 棵 面 滴 道 枚".split()
COLOURS = {
    "#e03131": "red|红色|红", "#f76707": "orange|橙色|橘色|橙", "#fcc419": "yellow|黄色|黄",
    "#2f9e44": "green|绿色|绿", "#1c7ed6": "blue|蓝色|蓝", "#7048e8": "purple violet|紫色|紫",
    "#f06595": "pink|粉色|粉红色|粉红|粉", "#8d5524": "brown|棕色|褐色", "#000000": "black|黑色|黑",
    "#ffffff": "white|白色|白", "#868e96": "grey gray|灰色|灰", "#15aabf": "cyan|青色",
    "#0ca678": "teal|蓝绿色", "#d4a017": "gold golden|金色|金", "#1b2a49": "navy|深蓝色|藏青色",
    "#82c91e": "lime|黄绿色", "#be4bdb": "magenta|洋红色|品红色", "#40e0d0": "turquoise|绿松石色",
    "#f5f0e1": "beige cream|米色|米黄色", "#adb5bd": "silver|银色|银", "#800000": "maroon|栗色",
    "#74c0fc": "light~blue sky~blue|浅蓝色|天蓝色|淡蓝色", "#1864ab": "dark~blue|暗蓝色", "#8ce99a": "light~green|浅绿色",
    "#2b8a3e": "dark~green|深绿色",
}
WORDS = {
    "and": "and , ; plus|和|与|以及|、|，|跟",
    "small": "small little tiny|小的|小",
    "big": "big large huge|大的|大",
    "outline": "outline outlined hollow outlines|空心的|空心|描边的|描边|轮廓",
    "filled": "filled solid|实心的|实心",
    "grid": "in~a~grid grid as~a~grid|排成网格|网格|整齐排列|方阵",
    "row": "in~a~row row side~by~side|排成一行|排成一排|一排|一行",
    "column": "in~a~column column in~a~line~down|排成一列|一列",
    "around": "in~a~circle around in~a~ring|围成一圈|排成一圈|一圈",
    "scatter": "scattered randomly scatter|散落|随意摆放|随机排列|散布",
    "left": "left~of to~the~left~of on~the~left~of|左边|左侧|左面",
    "right": "right~of to~the~right~of on~the~right~of|右边|右侧|右面",
    "above": "above over|上面|上边",
    "below": "below under beneath|下面|下边",
    "ontop": "on~top~of inside in~front~of|叠在|里面",
    "at": "|在",
    "background": "background|背景",
    "none": "transparent transparency|透明的|透明",
    "word": "word text saying says label letters reading that~says|写着|文字|字样|单词|字",
    "top": "at~the~top on~the~top|上方|顶部",
    "bottom": "at~the~bottom on~the~bottom|下方|底部",
    "make": "make turn paint|把|让",
    "into": "into to become say|变成|改成|换成|变为|改为|涂成|成",
    "remove": "remove delete erase no without take~away|去掉|删除|移除|拿掉|没有|不要",
    "add": "add|添加|加上|再加|增加|加",
    "bigger": "bigger larger|变大|大一点|大一些|放大",
    "smaller": "smaller|变小|小一点|小一些|缩小",
    "replace": "replace|替换",
    "change": "change arrange|更改|修改|改|排列",
    "all": "all every everything|所有|全部|全都",
    "colour": "colour color colour~in color~in|上色|涂色|填色",
    "sketch": "sketch drawing|草图|线稿|素描",
}
FILLERS = ("draw them they everything~is please picture image of the with this its it on at in there is are me i want on~a a~picture~of an~image~of a~drawing~of need show put by for that "
           "coloured colored new some as~an as~a from .|它们|们|放|到|画|请|的|是|一张|一幅|图片|图|带|有|着|给|。|！|!|上|里|了|用|我|要|想|中|它|这|这张|这个|那|换|吧|幅|张|并"
           ).replace("|", "\x00")

SLOTS = 8
PLAIN = 4
SIZES = 10
SIDE = 16
SPOTS = 40
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!?&+-.,' "
MOST_LETTERS = 12
MOST_OBJECTS = 20
FORMS = {"1:1": (12, 12), "4:3": (12, 9), "3:4": (9, 12), "16:9": (16, 9), "9:16": (9, 16)}
LAYOUTS = ["grid", "row", "column", "around", "scatter", "left", "right", "above", "below", "ontop"]


def fields():
    """What a step can say, each a name and its tokens; a step says at most one token of each."""
    kinds = list(SHAPES) + ["o:" + s for s in SHAPES]
    slots = ["c%d" % i for i in range(SLOTS)] + ["p%d" % i for i in range(PLAIN)] + ["none"]
    sizes = ["z%d" % i for i in range(SIZES + 1)]
    parts = ["i%d" % i for i in range(SIZES)], ["j%d" % i for i in range(SIZES)]
    under = lambda names: ["u:" + n for n in names]
    return {
        "kind": kinds + ["l:" + c for c in LETTERS] + ["word", "<head>", "<place>", "<cells>", "empty"],
        "slot": slots, "size": sizes,
        "row": ["y%d" % i for i in range(SIDE)], "column": ["x%d" % i for i in range(SIDE)],
        "left": ["r%d" % i for i in range(MOST_OBJECTS)], "spot": ["s%d" % i for i in range(SPOTS)],
        "count": ["n%d" % i for i in range(1, MOST_OBJECTS + 1)],
        "total": ["t%d" % i for i in range(1, MOST_OBJECTS + 1)],
        "relative": ["small", "normal", "big"], "layout": LAYOUTS, "where": ["top", "bottom", "wordless"],
        "columns": ["h%d" % i for i in range(1, MOST_OBJECTS + 1)],
        "rows": ["v%d" % i for i in range(1, MOST_OBJECTS + 1)],
        "down": parts[0], "across": parts[1],
        "kind-under": under(kinds + ["empty"]), "slot-under": under(slots), "size-under": under(sizes),
        "down-under": under(parts[0]), "across-under": under(parts[1]),
    }


FIELDS = fields()


def tokens():
    """All tokens; the place in the list is the id. Those that are written come first, field by field."""
    names = [name for field in FIELDS.values() for name in field]
    names += ["<begin>", "<picture>", "<draw>", "endword"] + ["f:" + f for f in FORMS]
    names += [w for w in WORDS if w not in names]
    names += ["q%d" % i for i in range(16)] + ["w%d" % i for i in range(SPOTS)]
    return names + ["g:prompt", "g:source", "g:plan", "g:cell", "g:meant"]


TOKENS = tokens()
ID = {name: i for i, name in enumerate(TOKENS)}
assert len(ID) == len(TOKENS)


def phrases():
    """Phrase -> list of tokens; an empty list is a filler, a colour is ['#rrggbb']."""
    table = {}

    def add(text, result):
        for part in text.split("|"):
            for phrase in part.split(" "):
                if phrase:
                    table[phrase.replace("~", " ")] = result

    for part in FILLERS.split("\x00"):
        add(part, [])
    for measure in MEASURES:
        table[measure] = []
    for name, text in WORDS.items():
        add(text, [name])
    for name, text in SHAPES.items():
        add(text, [name])
    for colour, text in COLOURS.items():
        add(text, [colour])
    for i, word in enumerate(NUMBERS_EN):
        table[word] = ["n%d" % (i + 1)]
    for i, word in enumerate(NUMBERS_ZH):
        table[word] = ["n%d" % (i + 1)]
        for measure in MEASURES:
            table[word + measure] = ["n%d" % (i + 1)]
    for measure in MEASURES:
        table["两" + measure] = ["n2"]
        table["几" + measure] = ["n3"]
    table["两"] = ["n2"]
    for i in range(1, MOST_OBJECTS + 1):
        table[str(i)] = ["n%d" % i]
    table["a"] = table["an"] = ["n1"]
    table["a few"] = ["n3"]
    return table


PHRASES = phrases()
LONGEST = max(map(len, PHRASES))
QUOTED = re.compile(r'["“”「『]([^"“”「」『』]{1,40})["“”」』]|\'([A-Za-z0-9]{1,40})\'(?![A-Za-z])')
LATIN = re.compile(r"[A-Za-z0-9]")


def parse(text, palette):
    """Tokens of a text. Colours get slots in `palette`, which grows; returns (tokens, unknown words)."""
    out, unknown = [], []
    at = 0
    low = text.lower()

    def slot(colour):
        if colour not in palette:
            palette.append(colour)
        return "c%d" % palette.index(colour)

    def letters(word):
        if not out or out[-1] not in ("word", "into"):
            out.append("word")
        out.extend("l:" + c for c in word if c in LETTERS)
        out.append("endword")

    while at < len(text):
        quoted = QUOTED.match(text, at)
        if quoted:
            letters(quoted.group(1) or quoted.group(2))
            at = quoted.end()
            continue
        hexa = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])").match(low, at)
        if hexa:
            digits = hexa.group(1)
            if len(digits) == 3:
                digits = "".join(c + c for c in digits)
            out.append(slot("#" + digits))
            at = hexa.end()
            continue
        if text[at].isspace():
            at += 1
            continue
        bare = re.compile(r"[A-Za-z0-9!?&+-]+").match(text, at)
        if bare and out and (out[-1] == "word" and "make" not in out or out[-1] == "into" and "word" in out) \
                and bare.group().lower() not in PLACES:
            letters(bare.group().rstrip("!?") if bare.group().rstrip("!?") else bare.group())
            at = bare.end()
            continue
        for length in range(min(LONGEST, len(text) - at), 0, -1):
            piece = low[at:at + length]
            if piece not in PHRASES:
                continue
            if LATIN.match(piece[-1]) and at + length < len(text) and LATIN.match(text[at + length]):
                continue
            for token in PHRASES[piece]:
                out.append(slot(token) if token.startswith("#") else token)
            at += length
            break
        else:
            word = re.compile(r"[A-Za-z0-9]+|.").match(text, at)
            if not re.match(r"[^\w]", word.group()):
                unknown.append(word.group())
            at = word.end()
    return out, unknown


# After "word" or "into" these are meant as themselves.
PLACES = {"at", "in", "on", "and", "the", "to", "into", "with", "from", "of"}


def steps(names):
    """A text's tokens as steps: each with the number of its phrase, letters with how many follow."""
    out, phrase, noun = [], 0, False
    for i, name in enumerate(names):
        if name == "and" or name[0] == "n" and name[1:].isdigit() and noun:
            phrase, noun = min(15, phrase + 1), False
        noun = noun or name in SHAPES
        step = [name, "q%d" % phrase, "g:prompt"]
        if name.startswith("l:"):
            step.append("r%d" % (names.index("endword", i) - i - 1))
        out.append(step)
    return out


def as_json():
    return {
        "fields": FIELDS, "tokens": TOKENS, "phrases": PHRASES, "places": sorted(PLACES), "letters": LETTERS,
        "shapes": list(SHAPES), "forms": FORMS,
        "colours": {c: t.split("|")[0].split(" ")[0].replace("~", " ") for c, t in COLOURS.items()},
    }


if __name__ == "__main__":
    print(len(TOKENS), "tokens,", len(PHRASES), "phrases")
    for text in ["three red hearts and a blue star on transparent background, with the word HELLO",
                 "make the star #ff8800", "remove one heart", "三颗红心和一个蓝色的星星，透明背景，写着HELLO",
                 "把星星变成#ff8800", "a big outlined ring left of a small green tree", "change the word to Hi5",
                 "星星在心的左边", "two zebras"]:
        palette = []
        print(text, "->", *parse(text, palette), palette)
    with open("lexicon.json", "w") as f:
        json.dump(as_json(), f, ensure_ascii=False, separators=(",", ":"))
