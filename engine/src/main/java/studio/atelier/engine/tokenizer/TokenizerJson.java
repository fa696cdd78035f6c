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
import java.util.HashSet;
import java.util.List;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * Reads a model folder's {@code tokenizer.json}, the vocabulary as a stream, since it is large, the rest as a tree;
 * {@code tokenizer_config.json} may name added tokens that the first file lacks.
 */
final class TokenizerJson {
    private static final long MAX_SIZE_BYTES = 512L << 20;
    private static final int MAX_DEPTH = 100;

    private final ObjectMapper mapper;
    private final JsonSection document;
    private final ModelJson model;

    private TokenizerJson(ObjectMapper mapper, JsonSection document, ModelJson model) {
        this.mapper = mapper;
        this.document = document;
        this.model = model;
    }

    static Tokenizer open(Path folder) throws EngineException {
        Path file = folder.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE,
                    folder + " has no tokenizer.json, which turns text into tokens; download the model again.");
        }
        // Keys are tokens: hundreds of thousands of different ones, not worth remembering.
        var factory = JsonFactory.builder()
                .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .build();
        var mapper = new ObjectMapper(factory);
        return parsed(file, mapper, parser -> read(file.toString(), parser, mapper))
                .tokenizer(folder.resolve("tokenizer_config.json"));
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read(JsonParser parser) throws IOException, EngineException;
    }

    private static <T> T parsed(Path file, ObjectMapper mapper, Reading<T> reading) throws EngineException {
        try {
            long sizeBytes = Files.size(file);
            if (sizeBytes > MAX_SIZE_BYTES) {
                throw new EngineException(
                        Reason.TOKENIZER_INVALID,
                        file + ": is " + sizeBytes + " bytes long, more than any tokenizer (" + MAX_SIZE_BYTES
                                + "); download it again.");
            }
            try (JsonParser parser = mapper.createParser(file.toFile())) {
                return reading.read(parser);
            }
        } catch (JsonProcessingException e) {
            var where = e.getLocation();
            String place = where == null ? "" : " at line " + where.getLineNr() + ", column " + where.getColumnNr();
            throw new EngineException(
                    Reason.TOKENIZER_INVALID,
                    file + ": is not valid JSON" + place + " (" + e.getOriginalMessage() + "); download it again.",
                    e);
        } catch (IOException e) {
            throw new EngineException(Reason.MODEL_FILE_BROKEN, file + ": cannot be read (" + e.getMessage() + ").", e);
        }
    }

    private static TokenizerJson read(String file, JsonParser parser, ObjectMapper mapper)
            throws IOException, EngineException {
        ObjectNode root = mapper.createObjectNode();
        var document = new JsonSection(file, "", root);
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw document.broken("must be a JSON object");
        }
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
        return new TokenizerJson(mapper, document, model);
    }

    private Tokenizer tokenizer(Path configFile) throws EngineException {
        var normalizer = document.optional("normalizer");
        var preTokenizer = document.optional("pre_tokenizer");
        var postProcessor = document.optional("post_processor");
        var decoder = document.optional("decoder");
        try {
            return new Tokenizer(
                    model.tokenModel(),
                    addedTokens(configFile),
                    normalizer.isPresent() ? Normalizer.read(normalizer.get()) : Normalizer.inTurn(List.of()),
                    preTokenizer.isPresent()
                            ? PreTokenizer.read(preTokenizer.get())
                            : new PreTokenizer.InTurn(List.of()),
                    postProcessor.isPresent() ? PostProcessor.read(postProcessor.get()) : PostProcessor.NONE,
                    decoder.isPresent() ? TokenDecoder.read(decoder.get()) : TokenDecoder.spaced());
        } catch (IllegalStateException e) {
            // The added tokens are normalized by the file's own rules.
            throw document.broken("holds rules that its own tokens do not survive: " + e.getMessage());
        }
    }

    private List<AddedToken> addedTokens(Path configFile) throws EngineException {
        var tokens = new ArrayList<AddedToken>();
        var known = new HashSet<String>();
        if (document.optional("added_tokens").isPresent()) {
            for (var element : document.elements("added_tokens")) {
                var token = AddedToken.read(element, element.required("id").number(Vocabulary.MAX_ID));
                tokens.add(token);
                known.add(token.content());
            }
        }
        if (!Files.isRegularFile(configFile)) {
            return tokens;
        }
        var config = parsed(configFile, mapper, parser -> mapper.readValue(parser, ObjectNode.class));
        var listed = new JsonSection(configFile.toString(), "", config).optional("added_tokens_decoder");
        if (listed.isPresent()) {
            for (var entry : listed.get().fields().entrySet()) {
                String id = entry.getKey();
                if (!id.matches("[0-9]{1,9}") || Integer.parseInt(id) > Vocabulary.MAX_ID) {
                    throw entry.getValue().broken("must be named by an id from 0 to " + Vocabulary.MAX_ID);
                }
                var token = AddedToken.read(entry.getValue(), Integer.parseInt(id));
                if (known.add(token.content())) {
                    tokens.add(token);
                }
            }
        }
        return tokens;
    }
}
