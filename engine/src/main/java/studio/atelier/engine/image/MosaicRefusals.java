package studio.atelier.engine.image;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Why the starter model can't do something, in one or two sentences of the language it was asked in. */
final class MosaicRefusals {
    private final boolean chinese;
    private final MosaicLexicon lexicon;

    MosaicRefusals(String prompt, MosaicLexicon lexicon) {
        this.chinese = prompt.codePoints().anyMatch(c -> Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN);
        this.lexicon = lexicon;
    }

    private String say(String english, String inChinese) {
        return chinese ? inChinese : english;
    }

    String unknown(List<String> words) {
        String named = String.join(say(", ", "、"), words.subList(0, Math.min(5, words.size())));
        return say(
                "The starter model doesn't know \"" + named + "\". It can draw " + names(lexicon.shapes())
                        + ", in any colour, and words; for everything else download a model of pictures such as"
                        + " Janus-Pro or FLUX.2 klein.",
                "入门模型不认识“" + named + "”。它会画" + names(lexicon.shapes()) + "，颜色任意，也能写英文单词；画别的请下载 Janus-Pro 或"
                        + " FLUX.2 klein 这样的图片模型。");
    }

    String nothing() {
        return say(
                "The prompt names nothing that the starter model can draw or change; try \"three red hearts and a"
                        + " blue star\". It can draw " + names(lexicon.shapes()) + " and words.",
                "提示里没有入门模型能画或能改的东西；试试“三颗红色的心和一颗蓝色的星星”。它会画" + names(lexicon.shapes()) + "，也能写英文单词。");
    }

    String missing(String shape, List<String> there) {
        String has = there.isEmpty() ? say("nothing that could be changed so", "可改的图形") : names(there);
        return say(
                "There is no " + name(shape) + " in this picture; it shows " + has + ".",
                "这张图里没有" + name(shape) + "；图里有" + has + "。");
    }

    String fewer(String shape, int there, int gone) {
        return say(
                "Only " + there + " of shape " + name(shape) + " are in this picture, so " + gone
                        + " can't be removed.",
                "这张图里只有 " + there + " 个" + name(shape) + "，不能去掉 " + gone + " 个。");
    }

    String tooMany(int things) {
        return say(
                things + " things are asked for, and the starter model draws at most 20; ask for fewer.",
                "提示里有 " + things + " 个图形，入门模型最多画 20 个；请少要几个。");
    }

    String letters(int letters, int most) {
        return say(
                "The text has " + letters + " letters, and in this form the starter model writes at most " + most
                        + "; take a shorter one.",
                "文字有 " + letters + " 个字符，这种画幅入门模型最多写 " + most + " 个；请缩短。");
    }

    String letter(String letter) {
        return say(
                "The starter model can't write \"" + letter + "\"; it can write "
                        + lexicon.letters().strip() + ".",
                "入门模型写不出“" + letter + "”；它能写 " + lexicon.letters().strip() + "。");
    }

    String colours(int colours, int most) {
        return say(
                colours + " colours are in this picture, and the starter model keeps at most " + most
                        + " apart; use fewer.",
                "这张图要用 " + colours + " 种颜色，入门模型最多用 " + most + " 种；请少用几种。");
    }

    String long_(int words, int most) {
        return say(
                "The prompt says " + words + " things, and the starter model reads at most " + most + "; shorten it.",
                "提示里有 " + words + " 个词，入门模型最多读 " + most + " 个；请缩短。");
    }

    String size(int width, int height, int least, int most) {
        return say(
                "The starter model draws sides of " + least + " to " + most + " pixels, not " + width + " × " + height
                        + "; choose another size.",
                "入门模型画的边长是 " + least + " 到 " + most + " 像素，不是 " + width + " × " + height + "；请换一个尺寸。");
    }

    String oneSource(int given) {
        return say(
                given + " pictures were given, and the starter model changes one at a time; give it one.",
                "给了 " + given + " 张图，入门模型一次只改一张；请只给一张。");
    }

    String foreignSource() {
        return say(
                "The starter model can only change its own pictures, as PNG with what they say about themselves;"
                        + " this one says nothing of that kind. For other pictures download FLUX.2 klein.",
                "入门模型只能改它自己画的、带有说明信息的 PNG 图片，而这张没有这种信息。改其他图片请下载 FLUX.2 klein。");
    }

    String sourceBias() {
        return say(
                "The starter model keeps everything that isn't meant as it is; a source bias is for Janus models.",
                "没有提到的部分，入门模型本来就保持不变；source bias 只用于 Janus 模型。");
    }

    String brushedNothing() {
        return say(
                "Nothing in this picture is painted over; paint over the things that are to change.",
                "画笔没有涂到图里的任何图形；请涂在要改的图形上。");
    }

    private String names(List<String> shapes) {
        return String.join(say(", ", "、"), shapes.stream().map(this::name).toList());
    }

    /** Of a shape: the longest phrase that is written in this language, which is the most telling. */
    private String name(String shape) {
        if (!chinese) {
            return shape;
        }
        Map<String, String> named = new HashMap<>();
        lexicon.phrases().forEach((phrase, meaning) -> {
            if (meaning.equals(List.of(shape)) && phrase.charAt(0) > 127) {
                named.merge(shape, phrase, (a, b) -> a.length() >= b.length() ? a : b);
            }
        });
        return named.getOrDefault(shape, shape);
    }
}
