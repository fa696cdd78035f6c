package studio.atelier.engine.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a model marks its thinking and its tool calls, as far as its template tells.
 *
 * @param harmony whether it writes in the channels of gpt-oss; then nothing else here counts
 * @param thinking the tags around thinking, if there are any
 * @param blocks what tool calls may stand in
 * @param silent markers around several calls, which nobody needs to see
 * @param bareJson whether an answer that is nothing but a JSON call is one
 */
record OutputFormat(
        boolean harmony, @Nullable Tags thinking, List<Block> blocks, List<String> silent, boolean bareJson) {

    record Tags(String open, String close) {}

    /**
     * What one or several tool calls stand in.
     *
     * @param close null when the block goes on to the end of the answer
     */
    record Block(String open, @Nullable String close, CallSyntax syntax) {}

    private static final List<Tags> THINKING = List.of(
            new Tags("<think>", "</think>"),
            new Tags("<seed:think>", "</seed:think>"),
            new Tags("[THINK]", "[/THINK]"),
            new Tags("<|START_THINKING|>", "<|END_THINKING|>"),
            new Tags("<|inner_prefix|>", "<|inner_suffix|>"));

    private static final List<Block> BLOCKS = List.of(
            new Block("<｜tool▁call▁begin｜>", "<｜tool▁call▁end｜>", CallSyntax.DEEPSEEK),
            new Block("<｜DSML｜invoke name=\"", "</｜DSML｜invoke>", CallSyntax.INVOKE),
            new Block("<|tool_call_begin|>", "<|tool_call_end|>", CallSyntax.KIMI),
            new Block("<invoke name=\"", "</invoke>", CallSyntax.INVOKE),
            new Block("<tool_call>", "</tool_call>", CallSyntax.TAGGED),
            new Block("<function=", "</function>", CallSyntax.FUNCTION),
            new Block("<|START_ACTION|>", "<|END_ACTION|>", CallSyntax.JSON),
            new Block("[TOOL_CALLS]", null, CallSyntax.MISTRAL),
            new Block("<|tool_call|>", null, CallSyntax.JSON),
            new Block("<|python_tag|>", null, CallSyntax.PYTHON_TAG));

    private static final List<String> SILENT = List.of(
            "<｜tool▁calls▁begin｜>",
            "<｜tool▁calls▁end｜>",
            "<｜DSML｜tool_calls>",
            "</｜DSML｜tool_calls>",
            "<｜DSML｜function_calls>",
            "</｜DSML｜function_calls>",
            "<|tool_calls_section_begin|>",
            "<|tool_calls_section_end|>",
            "<minimax:tool_call>",
            "</minimax:tool_call>",
            "<|START_RESPONSE|>",
            "<|END_RESPONSE|>",
            "<|START_TEXT|>",
            "<|END_TEXT|>");

    static OutputFormat of(ChatTemplate template) {
        // DeepSeek's later templates put the name of their mark together at run time.
        String source = template.allSources().replace("' + dsml_token + '", "｜DSML｜");
        var thinking = THINKING.stream()
                .filter(tags -> source.contains(tags.close()) || source.contains(tags.open()))
                .findFirst();
        var blocks = new ArrayList<>(
                BLOCKS.stream().filter(block -> source.contains(block.open())).toList());
        // The whole tag says more than the function inside it.
        if (blocks.stream().anyMatch(block -> block.syntax() == CallSyntax.TAGGED)) {
            blocks.removeIf(block -> block.syntax() == CallSyntax.FUNCTION);
        }
        boolean bareJson = blocks.stream().allMatch(block -> block.syntax() == CallSyntax.PYTHON_TAG)
                && source.contains("{\"name\": function name, \"parameters\":");
        return new OutputFormat(
                source.contains("<|channel|>") && source.contains("<|message|>"),
                thinking.orElse(null),
                List.copyOf(blocks),
                SILENT.stream().filter(source::contains).toList(),
                bareJson);
    }

    /** Whether the model can think before it answers. */
    boolean thinks() {
        return harmony || thinking != null;
    }

    /** Whether a prompt ends inside an open thinking tag. */
    boolean opensThinking(String prompt) {
        if (thinking == null) {
            return false;
        }
        int open = prompt.lastIndexOf(thinking.open());
        return open >= 0 && prompt.substring(open + thinking.open().length()).isBlank();
    }
}
