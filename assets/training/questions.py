"""Questions for the trainer: the pages' wordings in many frames, and foreign ones (foreign-en.txt, foreign-zh.txt).

Writes out/questions.tsv; HelpQuestions (Java) puts before each line what the program's search finds for it.
"""
import os
import random

import pages

FRAMES = {
    "en": ["{}", "{}?", "{} please", "please tell me: {}", "hey, {}", "can you tell me: {}?", "quick question: {}?", "hi, {}?", "{}, please",
           "I'd like to know: {}", "sorry, {}?", "{} in atelier", "{} with this program", "one more thing: {}?", "tell me, {}"],
    "zh": ["{}", "{}？", "请问{}", "请问{}？", "我想知道{}", "你好，{}？", "{}呢", "{}？谢谢", "那{}", "问一下，{}", "麻烦问下{}", "在 Atelier 里{}", "快告诉我{}"],
}
FOLDS = 8


def misspelt(text, r):
    """Two neighbouring letters of a long word change places, or one is lost."""
    words = text.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 4 and w.isascii() and w.isalpha()]
    if long:
        i = r.choice(long)
        w, at = words[i], r.randrange(1, len(words[i]) - 2)
        words[i] = w[:at] + w[at + 1] + w[at] + w[at + 2:] if r.random() < 0.5 else w[:at] + w[at + 1:]
    return " ".join(words)


def framed(text, lang, r):
    out = r.choice(FRAMES[lang]).format(text)
    if lang == "en":
        out = misspelt(out, r) if r.random() < 0.1 else out
        out = out[0].upper() + out[1:] if r.random() < 0.5 else out
    return out


def main(copies=3):
    r = random.Random(1)
    lines = []
    for lang in pages.LANGUAGES:
        for s in pages.read(lang):
            for i, wording in enumerate(s.wordings):
                variants = {wording} | {framed(wording, lang, r) for _ in range(copies)}
                lines += [(lang, s.id, i % FOLDS, q) for q in sorted(variants)]
        with open(os.path.join(pages.HERE, f"foreign-{lang}.txt"), encoding="utf-8") as f:
            for wording in (line.strip() for line in f):
                if wording and not wording.startswith("#"):
                    variants = {wording} | {framed(wording, lang, r) for _ in range(copies)}
                    lines += [(lang, "-", -1, q) for q in sorted(variants)]
    os.makedirs(pages.OUT, exist_ok=True)
    with open(os.path.join(pages.OUT, "questions.tsv"), "w", encoding="utf-8") as f:
        f.writelines("\t".join(map(str, line)) + "\n" for line in lines)
    print(f"{len(lines)} questions, {sum(line[1] == '-' for line in lines)} of them foreign")


if __name__ == "__main__":
    main()
