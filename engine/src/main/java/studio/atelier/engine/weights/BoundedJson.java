package studio.atelier.engine.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/** Reads JSON that came from elsewhere: size, depth and lengths are limited, a key may appear once. */
public final class BoundedJson {
    private static final int DEEPEST = 32;
    private static final int LONGEST_NAME = 4_096;

    private BoundedJson() {}

    /**
     * The object in a file.
     *
     * @param mostBytes a larger file is refused before it is read
     * @param whenBroken the reason given for anything that is not a JSON object
     * @throws EngineException {@link Reason#MODEL_FOLDER_INCOMPLETE} when there is no such file
     */
    public static ObjectNode read(Path file, int mostBytes, Reason whenBroken) throws EngineException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(mostBytes + 1);
        } catch (NoSuchFileException e) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE, file + " is missing; download the model again.", e);
        } catch (IOException e) {
            throw new EngineException(whenBroken, file + " can't be read: " + e.getMessage() + ".", e);
        }
        if (bytes.length > mostBytes) {
            throw new EngineException(
                    whenBroken, file + " is larger than " + mostBytes + " bytes, which no real model's is.");
        }
        try {
            // Decoded here, because the parser would guess at UTF-16 and pass over broken UTF-8.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            JsonNode root = mapper().readTree(text);
            if (root instanceof ObjectNode object) {
                return object;
            }
            throw new EngineException(whenBroken, file + ": expected a JSON object, got " + root.getNodeType() + ".");
        } catch (CharacterCodingException e) {
            throw new EngineException(whenBroken, file + " is not UTF-8 text.", e);
        } catch (JsonProcessingException e) {
            throw new EngineException(whenBroken, file + " is not valid JSON: " + describe(e), e);
        }
    }

    static String describe(JsonProcessingException e) {
        String where = e.getLocation() == null
                ? ""
                : " (line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr() + ")";
        return Shown.text(e.getOriginalMessage()) + where + ".";
    }

    static JsonFactory factory(int deepest, int longestText) {
        return JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(deepest)
                        .maxNameLength(LONGEST_NAME)
                        .maxStringLength(longestText)
                        .maxNumberLength(64)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
    }

    private static JsonMapper mapper() {
        return JsonMapper.builder(factory(DEEPEST, 1 << 20))
                // Python writes Infinity and NaN, and some published configurations hold them.
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();
    }
}
