package studio.atelier.engine.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.chat.Piece.Reasoning;
import studio.atelier.engine.chat.Piece.Text;

/** What models write, however it is cut into chunks. */
final class OutputParserTest {
    private static final String HERMES = "Text with <tool_call> and <think></think>.";
    private static final String HARMONY = "<|start|>assistant<|channel|>final<|message|>";
    private static final String LLAMA = "<|python_tag|> {\"name\": function name, \"parameters\": dictionary}";

    /** @param prompt the end of the prompt that the model continues */
    private record Sample(String name, String template, String prompt, String written, List<Piece> pieces) {}

    private static List<Sample> samples() {
        return List.of(
                new Sample(
                        "plain",
                        "no marks",
                        "",
                        "a < b, <b>x</b>\n\nand\n",
                        List.of(new Text("a < b, <b>x</b>\n\nand\n"))),
                new Sample(
                        "thinking",
                        HERMES,
                        "<|im_start|>assistant\n",
                        "<think>\nHmm < 3.\n\n</think>\n\n51.\nDone",
                        List.of(new Reasoning("Hmm < 3."), new Text("51.\nDone"))),
                new Sample(
                        "starts thinking",
                        HERMES,
                        "<|im_start|>assistant\n<think>\n",
                        "17*3 </thin 51\n</think>51.",
                        List.of(new Reasoning("17*3 </thin 51"), new Text("51."))),
                new Sample(
                        "closed thinking in the prompt",
                        HERMES,
                        "<think>\n\n</think>\n\n",
                        "51.",
                        List.of(new Text("51."))),
                new Sample("thinking cut off", HERMES, "<think>", "and so</th", List.of(new Reasoning("and so</th"))),
                new Sample(
                        "Hermes calls",
                        HERMES,
                        "",
                        "Let me see.\n<tool_call>\n{\"name\": \"now\", \"arguments\": {}}\n</tool_call>\n<tool_call>\n"
                                + "{\"name\": \"f\", \"arguments\": {\"a\": [1, \"</tool\"]}}\n</tool_call>",
                        List.of(
                                new Text("Let me see."),
                                new ToolCall(null, "now", "{}"),
                                new ToolCall(null, "f", "{\"a\": [1, \"</tool\"]}"))),
                new Sample(
                        "a call that is none",
                        HERMES,
                        "",
                        "so:\n<tool_call>\n{oops\n</tool_call>\nend",
                        List.of(new Text("so:\n<tool_call>\n{oops\n</tool_call>\nend"))),
                new Sample(
                        "a call that isn't closed",
                        HERMES,
                        "",
                        "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}}",
                        List.of(new ToolCall(null, "f", "{\"a\": 1}"))),
                new Sample(
                        "a call that isn't finished",
                        HERMES,
                        "",
                        "see <tool_call>{\"name\": \"f\"",
                        List.of(new Text("see <tool_call>{\"name\": \"f\""))),
                new Sample(
                        "Qwen3-Coder",
                        "<tool_call>\n<function=example>",
                        "",
                        "<tool_call>\n<function=write>\n<parameter=path>\na.txt\n</parameter>\n<parameter=text>\n"
                                + "line 1\n  <b>2</b>\n</parameter>\n<parameter=n>\n3\n</parameter>\n</function>\n</tool_call>",
                        List.of(new ToolCall(
                                null, "write", "{\"path\": \"a.txt\", \"text\": \"line 1\\n  <b>2</b>\", \"n\": 3}"))),
                new Sample(
                        "GLM",
                        "<tool_call><arg_key></think>",
                        "<|assistant|>",
                        "<think>I look.</think>\n<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>北京</arg_value>\n"
                                + "<arg_key>days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
                        List.of(
                                new Reasoning("I look."),
                                new ToolCall(null, "weather", "{\"city\": \"北京\", \"days\": 3}"))),
                new Sample(
                        "Llama 3.1 custom function",
                        "<function=name>",
                        "",
                        "<function=weather>{\"city\": \"Bern\"}</function>",
                        List.of(new ToolCall(null, "weather", "{\"city\": \"Bern\"}"))),
                new Sample(
                        "DeepSeek R1",
                        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>",
                        "",
                        "Wait.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>now\n```json\n{\"a\": 1}\n```"
                                + "<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>then\n```json\n{}\n```"
                                + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
                        List.of(
                                new Text("Wait."),
                                new ToolCall(null, "now", "{\"a\": 1}"),
                                new ToolCall(null, "then", "{}"))),
                new Sample(
                        "DeepSeek V3.1",
                        "</think><｜tool▁calls▁begin｜><｜tool▁call▁begin｜><｜tool▁calls▁end｜>",
                        "<｜Assistant｜></think>",
                        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>now<｜tool▁sep｜>{\"a\": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
                        List.of(new ToolCall(null, "now", "{\"a\": 1}"))),
                new Sample(
                        "DeepSeek V4",
                        "<' + dsml_token + 'tool_calls></' + dsml_token + 'tool_calls><' + dsml_token + 'invoke name=\"",
                        "",
                        "\n\n<｜DSML｜tool_calls>\n<｜DSML｜invoke name=\"f\">\n<｜DSML｜parameter name=\"a\" string=\"true\">12"
                                + "</｜DSML｜parameter>\n<｜DSML｜parameter name=\"b\" string=\"false\">[1]</｜DSML｜parameter>\n"
                                + "</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
                        List.of(new ToolCall(null, "f", "{\"a\": \"12\", \"b\": [1]}"))),
                new Sample(
                        "MiniMax",
                        "<minimax:tool_call></minimax:tool_call><invoke name=\"x\">",
                        "",
                        "ok\n<minimax:tool_call>\n<invoke name=\"f\">\n<parameter name=\"a\">x y</parameter>\n</invoke>\n"
                                + "</minimax:tool_call>",
                        List.of(new Text("ok"), new ToolCall(null, "f", "{\"a\": \"x y\"}"))),
                new Sample(
                        "Kimi",
                        "<|tool_calls_section_begin|><|tool_call_begin|><|tool_calls_section_end|>",
                        "",
                        "Sure<|tool_calls_section_begin|><|tool_call_begin|>functions.now:0<|tool_call_argument_begin|>{\"a\": 1}"
                                + "<|tool_call_end|><|tool_calls_section_end|>",
                        List.of(new Text("Sure"), new ToolCall("functions.now:0", "now", "{\"a\": 1}"))),
                new Sample(
                        "Mistral list",
                        "[TOOL_CALLS]",
                        "",
                        "[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"id\": \"abcdefghi\"}]",
                        List.of(new ToolCall("abcdefghi", "f", "{\"a\": 1}"))),
                new Sample(
                        "Mistral names",
                        "[TOOL_CALLS]",
                        "",
                        "[TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]g[CALL_ID]123456789[ARGS]{}",
                        List.of(new ToolCall(null, "f", "{\"a\": 1}"), new ToolCall("123456789", "g", "{}"))),
                new Sample(
                        "Granite",
                        "<|tool_call|>",
                        "",
                        "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]",
                        List.of(new ToolCall(null, "f", "{}"))),
                new Sample(
                        "Llama JSON",
                        LLAMA,
                        "",
                        "{\"name\": \"f\", \"parameters\": {\"a\": \"b\"}}",
                        List.of(new ToolCall(null, "f", "{\"a\": \"b\"}"))),
                new Sample(
                        "Llama, an answer in JSON",
                        LLAMA,
                        "",
                        "{\"n\": 1} it is",
                        List.of(new Text("{\"n\": 1} it is"))),
                new Sample(
                        "Llama, no call after all",
                        LLAMA,
                        "",
                        "{\"name\": \"Ann\"} is it",
                        List.of(new Text("{\"name\": \"Ann\"} is it"))),
                new Sample(
                        "Llama tool",
                        LLAMA,
                        "",
                        "<|python_tag|>search.call(query=\"a, \\\"b\\\"\", n=3)",
                        List.of(new ToolCall(null, "search", "{\"query\": \"a, \\\"b\\\"\", \"n\": 3}"))),
                new Sample(
                        "Llama code",
                        LLAMA,
                        "",
                        "<|python_tag|>print(1)",
                        List.of(new ToolCall(null, "code_interpreter", "{\"code\": \"print(1)\"}"))),
                new Sample(
                        "harmony",
                        HARMONY,
                        "<|start|>user<|message|>Hi<|end|><|start|>assistant",
                        "<|channel|>analysis<|message|>They greet < me.<|end|><|start|>assistant<|channel|>final<|message|>Hello!"
                                + "<|return|>",
                        List.of(new Reasoning("They greet < me."), new Text("Hello!"))),
                new Sample(
                        "harmony call",
                        HARMONY,
                        "<|start|>assistant",
                        "<|channel|>analysis<|message|>Look.<|end|><|start|>assistant<|channel|>commentary to=functions.now "
                                + "<|constrain|>json<|message|>{\"a\": 1}<|call|>",
                        List.of(new Reasoning("Look."), new ToolCall(null, "now", "{\"a\": 1}"))),
                new Sample(
                        "harmony, recipient first, not ended",
                        HARMONY,
                        "<|start|>assistant",
                        " to=python<|channel|>commentary code<|message|>print(1)",
                        List.of(new ToolCall(null, "python", "{\"code\": \"print(1)\"}"))),
                new Sample(
                        "harmony, channel in the prompt",
                        HARMONY,
                        "<|start|>assistant<|channel|>final<|message|>",
                        "Hello <|en",
                        List.of(new Text("Hello <|en"))),
                new Sample(
                        "harmony without channels",
                        HARMONY,
                        "<|start|>assistant",
                        "Hello!",
                        List.of(new Text("Hello!"))));
    }

    @TestFactory
    Stream<DynamicTest> everySampleInEveryChunking() {
        return samples().stream()
                .map(sample -> dynamicTest(sample.name(), () -> {
                    String written = sample.written();
                    check(sample, List.of(written));
                    check(
                            sample,
                            written.codePoints().mapToObj(Character::toString).toList());
                    for (int cut = 1; cut < written.length(); cut++) {
                        check(sample, List.of(written.substring(0, cut), written.substring(cut)));
                    }
                    var random = new Random(written.hashCode());
                    for (int round = 0; round < 200; round++) {
                        check(sample, chunks(written, random));
                    }
                }));
    }

    private static List<String> chunks(String written, Random random) {
        var chunks = new ArrayList<String>();
        for (int from = 0; from < written.length(); ) {
            int to = Math.min(written.length(), from + random.nextInt(12));
            chunks.add(written.substring(from, to));
            from = to;
        }
        return chunks;
    }

    private static void check(Sample sample, List<String> chunks) throws EngineException {
        ChatTemplate template = ChatTemplate.of("{% raw %}" + sample.template() + "{% endraw %}", Map.of());
        var parser = OutputParser.forTemplate(template, sample.prompt());
        var joined = new Pieces();
        for (String chunk : chunks) {
            parser.accept(chunk).forEach(piece -> add(piece, joined));
        }
        parser.finish().forEach(piece -> add(piece, joined));
        assertEquals(sample.pieces(), joined.all(), () -> "chunks " + chunks);
    }

    private static void add(Piece piece, Pieces joined) {
        switch (piece) {
            case Text text -> joined.text(text.text());
            case Reasoning reasoning -> joined.reasoning(reasoning.text());
            case ToolCall call -> joined.calls(List.of(call));
        }
    }

    /** What is certain is given at once, not only at the end. */
    @Test
    void textComesAsItIsWritten() throws EngineException {
        var parser = OutputParser.forTemplate(ChatTemplate.of(HERMES, Map.of()), "");
        assertEquals(List.of(new Text("Hello ")), parser.accept("Hello "));
        assertEquals(List.of(new Text("wor")), parser.accept("wor<"));
        assertEquals(List.of(new Text("<b>")), parser.accept("b>"));
        assertEquals(List.of(), parser.accept("<think>"));
        assertEquals(List.of(new Reasoning("hm")), parser.accept("hm"));
        assertEquals(List.of(), parser.accept("\n</think>\n"));
        assertEquals(List.of(new Text("yes")), parser.accept("yes"));
        assertEquals(List.of(), parser.finish());
    }

    /** Noise of tags: no text but the tags themselves and the line breaks next to them is ever lost. */
    @Test
    void nothingIsLost() throws EngineException {
        var random = new Random(7);
        List<String> words = List.of("<think>", "</think>", "<tool_call>", "</tool_call>", "<", "a", "é ", "<to", "\n");
        ChatTemplate template = ChatTemplate.of(HERMES, Map.of());
        for (int round = 0; round < 5_000; round++) {
            var parser = OutputParser.forTemplate(template, "");
            var written = new StringBuilder();
            var read = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
                String word = words.get(random.nextInt(words.size()));
                written.append(word);
                parser.accept(word).forEach(piece -> append(piece, read));
            }
            parser.finish().forEach(piece -> append(piece, read));
            assertEquals(bare(written.toString()), bare(read.toString()), written::toString);
        }
    }

    private static void append(Piece piece, StringBuilder read) {
        switch (piece) {
            case Text text -> read.append(text.text());
            case Reasoning reasoning -> read.append(reasoning.text());
            case ToolCall call -> read.append(call.name());
        }
    }

    private static String bare(String text) {
        return text.replaceAll("</?think>|</?tool_call>|[ \n]", "");
    }
}
