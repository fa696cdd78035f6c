package studio.atelier.models.hostile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.SafetensorsWriter;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;
import studio.atelier.engine.weights.StoredTensor;

/** A hub with one of the engine's golden checkpoints. */
public final class GoldenHub {
    public static final Path GOLDEN = Path.of("..", "engine", "src", "test", "resources", "golden");

    private GoldenHub() {}

    /** Serves a golden checkpoint, cut into files without regard to what belongs together. */
    public static HostileHub of(String model, Path scratch, int shards) throws Exception {
        return of(GOLDEN.resolve(model).resolve("hf"), scratch, shards);
    }

    /** Serves a checkpoint's folder, cut likewise. */
    public static HostileHub of(Path source, Path scratch, int shards) throws Exception {
        HostileHub hub = new HostileHub();
        hub.with("config.json", Files.readAllBytes(source.resolve("config.json")));
        hub.with("tokenizer_config.json", "{}".getBytes());
        hub.with("modeling_evil.py", "import os".getBytes());
        ObjectNode index = new ObjectMapper().createObjectNode();
        ObjectNode map = index.putObject("weight_map");
        try (ModelFiles files = ModelFiles.open(source)) {
            List<StoredTensor> tensors = new ArrayList<>(new TreeMap<>(files.tensors()).values());
            for (int shard = 0; shard < shards; shard++) {
                List<StoredTensor> mine =
                        tensors.subList(tensors.size() * shard / shards, tensors.size() * (shard + 1) / shards);
                String name = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
                Path file = scratch.resolve(name);
                List<Announced> announced = new ArrayList<>();
                for (StoredTensor tensor : mine) {
                    List<Long> shape = new ArrayList<>();
                    for (int axis = 0; axis < tensor.rank(); axis++) {
                        shape.add(tensor.axis(axis));
                    }
                    announced.add(new Announced(tensor.name(), tensor.dtype(), shape));
                    map.put(tensor.name(), name);
                }
                try (SafetensorsWriter writer = SafetensorsWriter.begin(file, announced, Map.of())) {
                    for (StoredTensor tensor : mine) {
                        MemorySegment bytes = tensor.bytes();
                        writer.write(tensor.name(), bytes);
                    }
                    writer.finish();
                }
                hub.with(name, Files.readAllBytes(file));
            }
        }
        hub.with("model.safetensors.index.json", index.toString().getBytes());
        return hub;
    }
}
