"""The help pages as the trainer sees them, and the fixed sentences around them.

The sentences must stay the same as in HelpHit.instruction (Java): the model is trained on exactly this form.
"""
import os
import re
from collections import namedtuple

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "out")
HELP = os.path.join(HERE, "..", "src", "main", "resources", "studio", "atelier", "assets", "help")
LANGUAGES = ("en", "zh")
PAGES = ("about", "models", "terms", "chat", "settings", "images", "advanced", "trouble", "talk")
ASKED = {"en": "Also asked as:", "zh": "也可以这样问："}

LEAD = {("en", "SURE"): "Answer from this help page:", ("en", "UNSURE"): "One of these help pages may be meant:",
        ("zh", "SURE"): "请根据这页帮助回答：", ("zh", "UNSURE"): "问的也许是这几页帮助："}
PERHAPS = {"en": "I am not sure what you mean. Perhaps this helps:", "zh": "我不太确定你问的是什么，也许这个有帮助："}
NOTHING = {"en": "I found nothing about this in Atelier's help pages. I am only a small **starter model**: for other questions load "
                 "a larger model with **File → Open model folder…**",
           "zh": "我在 Atelier 的帮助页里没有找到这个问题。我只是很小的**入门模型**：其他问题请用**文件 → 打开模型文件夹…**加载更大的模型。"}
OTHER = {"en": "The help page that I found does not answer this. I am only a small **starter model**: for other questions load a larger "
               "model with **File → Open model folder…**",
         "zh": "我找到的帮助页回答不了这个问题。我只是很小的**入门模型**：其他问题请用**文件 → 打开模型文件夹…**加载更大的模型。"}

Section = namedtuple("Section", "id lang page title text wordings")


def joined(lang, block):
    """Paragraphs and list items keep their line; other line breaks are for the reader of the file only."""
    block = re.sub(r"\n\n+", "\0", block.strip())
    block = re.sub(r"\n(?=- |[0-9]\. )", "\0", block)
    if lang == "zh":
        block = re.sub(r"(?<=[^\x00-\x7f])\n(?=[^\x00-\x7f])", "", block)
    return block.replace("\n", " ").replace("\0", "\n")


def read(lang):
    sections = []
    for page in PAGES:
        with open(os.path.join(HELP, lang, page + ".md"), encoding="utf-8") as f:
            for part in re.split(r"\n(?=## )", f.read()):
                head = re.match(r"## (.+) \{#([a-z0-9-]+)}\n", part)
                if head:
                    at = part.index("\n" + ASKED[lang])
                    asked = part[at + 1 + len(ASKED[lang]):]
                    wordings = [joined(lang, w) for w in re.split("[;；]", asked)]
                    sections.append(Section(head[2], lang, page, head[1], joined(lang, part[head.end():at]),
                                            [w for w in wordings if w]))
    return sections


def instruction(sections, confidence):
    """What stands in the system message: HelpHit.instruction in Java."""
    lead = LEAD[sections[0].lang, confidence]
    return lead + "\n" + (page(sections[0]) if confidence == "SURE" else listed(sections))


def page(section):
    return "# " + section.title + "\n" + section.text


def listed(sections):
    return "\n".join(f"- **{s.title}** {s.text}" for s in sections)


def answer(sections, confidence):
    """What the model is to say when the sections fit."""
    return sections[0].text if confidence == "SURE" else PERHAPS[sections[0].lang] + "\n" + listed(sections)
