package studio.atelier.engine.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code tokenizer.json}: the vocabulary as a stream, since it is large, the rest as a tree. */
final class TokenizerJson {
    private static final long MAX_SIZE_BYTES = 512L << 20;

    private final String file;
    private final ObjectNode root;
    private final ModelJson model;

    private TokenizerJson(String file, ObjectNode root, ModelJson model) {
        this.file = file;
        this.root = root;
        this.model = model;
    }

    static Tokenizer read(Path path) throws IOException {
        long sizeBytes = Files.size(path);
        if (sizeBytes > MAX_SIZE_BYTES) {
            throw new IOException(path + ": is " + sizeBytes + " bytes long, more than any tokenizer (" + MAX_SIZE_BYTES
                    + "); download it again.");
        }
        try (JsonParser parser = mapper().createParser(path.toFile())) {
            return parse(path.toString(), parser).tokenizer();
        } catch (JsonProcessingException e) {
            var where = e.getLocation();
            throw new IOException(
                    path + ": is not valid JSON"
                            + (where == null ? "" : " at line " + where.getLineNr() + ", column " + where.getColumnNr())
                            + ": " + e.getOriginalMessage() + ".",
                    e);
        }
    }

    private static ObjectMapper mapper() {
        // Keys are tokens: hundreds of thousands of different ones, not worth remembering.
        var factory = JsonFactory.builder()
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(
                        StreamReadConstraints.builder().maxNestingDepth(100).build())
                .build();
        return new ObjectMapper(factory);
    }

    private static TokenizerJson parse(String file, JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new IOException(file + ": must be a JSON object.");
        }
        ObjectNode root = ((ObjectMapper) parser.getCodec()).createObjectNode();
        var model = new ModelJson(file);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("model") && parser.currentToken() == JsonToken.START_OBJECT) {
                model.read(parser);
            } else {
                root.set(name, parser.<JsonNode>readValueAsTree());
            }
        }
        return new TokenizerJson(file, root, model);
    }

    private Tokenizer tokenizer() throws IOException {
        var document = new JsonSection(file, "", root);
        var normalizer = document.optional("normalizer");
        var preTokenizer = document.optional("pre_tokenizer");
        var postProcessor = document.optional("post_processor");
        var decoder = document.optional("decoder");
        return new Tokenizer(
                model.tokenModel(),
                addedTokens(document),
                normalizer.isPresent() ? Normalizer.read(normalizer.get()) : Normalizer.inTurn(List.of()),
                preTokenizer.isPresent() ? PreTokenizer.read(preTokenizer.get()) : new PreTokenizer.InTurn(List.of()),
                postProcessor.isPresent() ? PostProcessor.read(postProcessor.get()) : PostProcessor.NONE,
                decoder.isPresent() ? TokenDecoder.read(decoder.get()) : TokenDecoder.spaced());
    }

    private static List<AddedToken> addedTokens(JsonSection document) throws IOException {
        var tokens = new ArrayList<AddedToken>();
        if (document.optional("added_tokens").isPresent()) {
            for (var token : document.elements("added_tokens")) {
                tokens.add(AddedToken.read(token));
            }
        }
        return tokens;
    }
}
