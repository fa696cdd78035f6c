package studio.atelier.models.convert;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import studio.atelier.engine.weights.SafetensorsWriter.Announced;

/**
 * A file of the new folder and what goes into it. Layers that predict further tokens lie in files of their own, whose
 * names don't begin with {@code model}: mlx-lm, which knows no such layers, reads {@code model*.safetensors} and refuses
 * a tensor that it doesn't know, unless its layer is number 61.
 */
record OutputFile(String name, List<Output> outputs) {
    private static final String MODEL = "model";
    private static final String PREDICTION = "mtp";

    /** Cuts what is planned into files of at most so many bytes, as mlx-lm cuts them; an output is never cut. */
    static List<OutputFile> of(Plan plan, long shardBytes) {
        List<OutputFile> files = new ArrayList<>();
        for (boolean predicts : new boolean[] {false, true}) {
            List<Output> outputs = plan.outputs().stream()
                    .filter(output -> plan.predicts(output.name()) == predicts)
                    .toList();
            List<List<Output>> shards = shards(outputs, shardBytes);
            for (int i = 0; i < shards.size(); i++) {
                files.add(new OutputFile(name(predicts ? PREDICTION : MODEL, i, shards.size()), shards.get(i)));
            }
        }
        return files;
    }

    /** The tensors in it, in their order. */
    List<Announced> tensors() {
        return outputs.stream().flatMap(output -> output.tensors().stream()).toList();
    }

    private static String name(String kind, int index, int count) {
        return count == 1
                ? kind + ".safetensors"
                : String.format(Locale.ROOT, "%s-%05d-of-%05d.safetensors", kind, index + 1, count);
    }

    private static List<List<Output>> shards(List<Output> outputs, long shardBytes) {
        List<List<Output>> shards = new ArrayList<>();
        long filled = Long.MAX_VALUE;
        for (Output output : outputs) {
            if (filled > shardBytes - output.sizeBytes()) {
                shards.add(new ArrayList<>());
                filled = 0;
            }
            shards.getLast().add(output);
            filled += output.sizeBytes();
        }
        return shards;
    }
}
