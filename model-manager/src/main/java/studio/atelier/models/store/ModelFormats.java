package studio.atelier.models.store;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelConfig;

/** What people call the precision of a model's weights. */
final class ModelFormats {
    private ModelFormats() {}

    /** By its configuration; empty when it can't be told. */
    static String of(Path place) {
        if (Files.isRegularFile(place)) {
            return "GGUF";
        }
        try {
            ModelConfig config = ModelConfig.inFolder(place);
            Optional<ModelConfig> quantization = config.quantization();
            if (quantization.isEmpty()) {
                return config.text("torch_dtype", config.text("dtype", "")).toUpperCase(Locale.ROOT);
            }
            String mode = quantization.get().text("mode", quantization.get().text("quant_method", "affine"));
            boolean affine = mode.equals("affine") && quantization.get().has("bits");
            return affine ? quantization.get().integer("bits", 1, 32) + "-bit" : mode.toUpperCase(Locale.ROOT);
        } catch (EngineException e) {
            return "";
        }
    }
}
