package studio.atelier.engine.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

/**
 * {@code model.safetensors.index.json}: which tensor lies in which file.
 *
 * @param fileOfTensor plain file names, never a path
 */
record ShardIndex(Map<String, String> fileOfTensor) {
    static final String NAME = "model.safetensors.index.json";

    /** DeepSeek V3's, with 91,000 tensors, takes 9 MB. */
    private static final int MOST_BYTES = 64 << 20;

    static ShardIndex read(Path file) throws EngineException {
        ObjectNode root = BoundedJson.read(file, MOST_BYTES, Reason.MODEL_FILE_BROKEN);
        if (!(root.get("weight_map") instanceof ObjectNode map) || map.isEmpty()) {
            throw SafetensorsHeader.broken(file.toString(), "weight_map: expected an object with tensors, got none");
        }
        Map<String, String> fileOfTensor = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = entry.getValue().asText("");
            if (!isPlainName(shard) || !isPossible(file, shard)) {
                throw SafetensorsHeader.broken(
                        file.toString(),
                        Shown.text(entry.getKey())
                                + ": expected the name of a .safetensors file in the same folder, got "
                                + Shown.text(entry.getValue().toString()));
            }
            fileOfTensor.put(entry.getKey(), shard);
        }
        return new ShardIndex(fileOfTensor);
    }

    /** Whether this system can spell it; where file names are not Unicode, not every name is one. */
    private static boolean isPossible(Path file, String name) {
        try {
            return file.resolveSibling(name).endsWith(name);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** A name that no system reads as a way to another folder, drive or stream. */
    private static boolean isPlainName(String name) {
        return name.endsWith(".safetensors")
                && name.length() <= 255
                && !name.startsWith(".")
                && name.chars().noneMatch(c -> c < ' ' || "/\\:*?\"<>|\u007f".indexOf(c) >= 0);
    }
}
