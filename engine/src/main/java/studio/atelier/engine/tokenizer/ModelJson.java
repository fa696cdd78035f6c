package studio.atelier.engine.tokenizer;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;

/** The field {@code model} of {@code tokenizer.json}. */
final class ModelJson {
    private final String file;
    private final ObjectNode options = JsonNodeFactory.instance.objectNode();
    private final JsonSection section;
    private @Nullable Map<String, Integer> idOfToken;
    private @Nullable List<String> scoredTokens;
    private double[] scores = {};
    private @Nullable List<MergeTable.Merge> merges;

    ModelJson(String file) {
        this.file = file;
        this.section = new JsonSection(file, "model", options);
    }

    /** Reads the object the parser stands at. */
    void read(JsonParser parser) throws IOException, EngineException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            if (name.equals("vocab") && token == JsonToken.START_OBJECT) {
                readVocabulary(parser);
            } else if (name.equals("vocab") && token == JsonToken.START_ARRAY) {
                readScoredVocabulary(parser);
            } else if (name.equals("merges") && token == JsonToken.START_ARRAY) {
                readMerges(parser);
            } else {
                options.set(name, parser.<JsonNode>readValueAsTree());
            }
        }
    }

    private void readVocabulary(JsonParser parser) throws IOException, EngineException {
        var vocabulary = new HashMap<String, Integer>(1 << 16);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String token = parser.currentName();
            boolean whole = parser.nextToken() == JsonToken.VALUE_NUMBER_INT;
            if (!whole || parser.getLongValue() < 0 || parser.getLongValue() > Vocabulary.MAX_ID) {
                throw broken(
                        "model.vocab",
                        "gives the token \"" + token + "\" an id that is not a whole number from 0 to "
                                + Vocabulary.MAX_ID);
            }
            vocabulary.put(token, parser.getIntValue());
        }
        idOfToken = vocabulary;
    }

    private void readScoredVocabulary(JsonParser parser) throws IOException, EngineException {
        var tokens = new ArrayList<String>();
        double[] read = new double[1024];
        while (parser.nextToken() == JsonToken.START_ARRAY) {
            int id = tokens.size();
            if (id > Vocabulary.MAX_ID) {
                throw broken("model.vocab", "has more than " + (Vocabulary.MAX_ID + 1) + " tokens");
            }
            boolean good = parser.nextToken() == JsonToken.VALUE_STRING
                    && parser.getText().length() <= Vocabulary.MAX_LENGTH;
            tokens.add(good ? parser.getText() : "");
            good = good && parser.nextToken().isNumeric();
            if (id == read.length) {
                read = Arrays.copyOf(read, id * 2);
            }
            read[id] = good ? parser.getDoubleValue() : Double.NaN;
            if (!good || !Double.isFinite(read[id]) || parser.nextToken() != JsonToken.END_ARRAY) {
                throw broken(
                        "model.vocab[" + id + "]",
                        "must be a token of at most " + Vocabulary.MAX_LENGTH + " characters and its score");
            }
        }
        if (parser.currentToken() != JsonToken.END_ARRAY) {
            throw broken("model.vocab", "must be an array of tokens and scores");
        }
        scoredTokens = tokens;
        scores = Arrays.copyOf(read, tokens.size());
    }

    private void readMerges(JsonParser parser) throws IOException, EngineException {
        var read = new ArrayList<MergeTable.Merge>(1 << 16);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            String left = "";
            String right = "";
            if (parser.currentToken() == JsonToken.VALUE_STRING) {
                String pair = parser.getText();
                if (pair.startsWith("#version")) {
                    continue;
                }
                // Only a space separates: a token may hold other kinds of space.
                int space = pair.indexOf(' ');
                left = pair.substring(0, Math.max(0, space));
                right = pair.substring(space + 1);
            } else if (parser.currentToken() == JsonToken.START_ARRAY) {
                left = parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
                right = parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
                if (parser.nextToken() != JsonToken.END_ARRAY) {
                    left = "";
                }
            }
            if (left.isEmpty() || right.isEmpty()) {
                throw broken("model.merges[" + read.size() + "]", "must be two tokens");
            }
            read.add(new MergeTable.Merge(left, right));
        }
        merges = read;
    }

    TokenModel tokenModel() throws EngineException {
        if (options.isEmpty() && idOfToken == null && scoredTokens == null) {
            throw new JsonSection(file, "", options).broken("lacks the field \"model\"");
        }
        // Old files leave the type out; what is there tells.
        String type = section.optional("type").isPresent()
                ? section.text("type")
                : merges != null ? "BPE" : scoredTokens != null ? "Unigram" : "WordLevel";
        return switch (type) {
            case "BPE" -> bytePairEncoding();
            case "Unigram" -> unigram();
            default -> throw section.broken("is of type " + type + "; Atelier reads BPE and Unigram");
        };
    }

    private BytePairEncoding bytePairEncoding() throws EngineException {
        if (idOfToken == null || idOfToken.isEmpty()) {
            throw section.broken("needs a vocabulary that maps tokens to ids");
        }
        if (merges == null) {
            throw section.broken("lacks the field \"merges\"");
        }
        var vocabulary = Vocabulary.of(idOfToken);
        String prefix = section.textOrEmpty("continuing_subword_prefix");
        String unknown = section.textOrEmpty("unk_token");
        return new BytePairEncoding(
                vocabulary,
                MergeTable.of(merges, vocabulary, prefix, new JsonSection(file, "model.merges", options)),
                new BytePairEncoding.Options(
                        unknown.isEmpty() ? -1 : vocabulary.id(unknown),
                        section.flag("fuse_unk", false),
                        section.flag("byte_fallback", false),
                        section.flag("ignore_merges", false),
                        prefix,
                        section.textOrEmpty("end_of_word_suffix")));
    }

    private Unigram unigram() throws EngineException {
        if (scoredTokens == null || scoredTokens.isEmpty()) {
            throw section.broken("needs a vocabulary of tokens and scores");
        }
        var unknown = section.optional("unk_id");
        int unknownId = unknown.isPresent() ? unknown.get().number(scoredTokens.size() - 1) : -1;
        return new Unigram(Vocabulary.of(scoredTokens), scores, unknownId, section.flag("byte_fallback", false));
    }

    private EngineException broken(String path, String problem) {
        return new JsonSection(file, path, options).broken(problem);
    }
}
