package studio.atelier.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.TextCodec;

/** A model's tokenizer alone. */
final class TokensCommand implements Command {
    @Override
    public String name() {
        return "tokens";
    }

    @Override
    public String usage() {
        return "FOLDER [--special | --decode | --jsonl] < text";
    }

    @Override
    public String summary() {
        return "prints the token ids of a text with a model's tokenizer, or the text of ids";
    }

    @Override
    public String details() {
        return """
                Reads standard input to its end, the last line break included, and prints the ids as a JSON list. Special
                tokens that the text spells are recognised.
                """;
    }

    @Override
    public List<Option> options() {
        return List.of(
                Option.flag("special", "adds the special tokens that the model wants around a text"),
                Option.flag("decode", "the other way: reads a JSON list of ids and prints their text"),
                Option.flag(
                        "jsonl",
                        "reads lines {\"text\": ..} and answers each with {\"ids\": [..], \"ids_with_special\": [..],"
                                + " \"decoded\": ..}"));
    }

    @Override
    public int mostArguments() {
        return 1;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) throws UsageException, EngineException, IOException {
        TextCodec codec = TextCodec.open(Studio.path(arguments.required(0, "a model's folder")));
        if (arguments.has("jsonl")) {
            JsonLines.answer(terminal, line -> answer(codec, line), TokensCommand::broken);
        } else if (arguments.has("decode")) {
            terminal.out().print(codec.decode(ids(terminal.readText())));
        } else {
            String text = terminal.readText();
            int[] ids = arguments.has("special") ? codec.encodeWithSpecialTokens(text) : codec.encode(text);
            terminal.out().println(JsonLines.JSON.writeValueAsString(ids));
        }
        return 0;
    }

    private static int[] ids(String json) throws UsageException {
        try {
            JsonNode list = JsonLines.JSON.readTree(json);
            if (list.isArray()) {
                int[] ids = new int[list.size()];
                for (int i = 0; i < ids.length; i++) {
                    if (!list.get(i).isInt()) {
                        throw new UsageException("--decode: expected whole numbers, got " + list.get(i) + ".");
                    }
                    ids[i] = list.get(i).intValue();
                }
                return ids;
            }
        } catch (IOException e) {
            // Said below: it makes no difference what it is instead.
        }
        throw new UsageException("--decode: expected a JSON list of ids on standard input, such as [1, 2, 3].");
    }

    private static ObjectNode answer(TextCodec codec, JsonNode line) {
        JsonNode text = line.get("text");
        if (text == null || !text.isTextual()) {
            return broken("expected a text under \"text\"");
        }
        try {
            int[] ids = codec.encode(text.textValue());
            ObjectNode answer = JsonLines.JSON.createObjectNode();
            put(answer.putArray("ids"), ids);
            put(answer.putArray("ids_with_special"), codec.encodeWithSpecialTokens(text.textValue()));
            return answer.put("decoded", codec.decode(ids));
        } catch (IllegalStateException e) {
            return broken(String.valueOf(e.getMessage()));
        }
    }

    private static void put(ArrayNode list, int[] ids) {
        for (int id : ids) {
            list.add(id);
        }
    }

    private static ObjectNode broken(String why) {
        return JsonLines.JSON.createObjectNode().put("error", why);
    }
}
