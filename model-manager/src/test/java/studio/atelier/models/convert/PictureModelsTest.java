package studio.atelier.models.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelFiles;
import studio.atelier.engine.weights.StoredTensor;
import studio.atelier.models.download.Wanted;
import studio.atelier.models.hub.RepoFile;
import studio.atelier.models.hub.RepoId;
import studio.atelier.models.hub.Snapshot;

/** Models of pictures on their way here: which files are theirs, and what of them gets smaller. */
final class PictureModelsTest {
    private static final Path JANUS = Path.of("..", "engine/src/test/resources/golden/image/janus-tiny");

    @TempDir
    private Path folder;

    @Test
    void ofJanusTheLanguageModelGetsSmaller() throws Exception {
        Path target = folder.resolve("janus-4bit");
        // Rows of the small model have 32 numbers.
        Recipe recipe = Recipe.named("affine", OptionalInt.of(4), OptionalInt.of(32));
        FolderQuantizer.quantize(JANUS, target, recipe, _ -> {});
        ModelCheck.check(target);
        try (ModelFiles source = ModelFiles.open(JANUS);
                ModelFiles made = ModelFiles.open(target)) {
            Set<String> smaller = made.tensors().keySet().stream()
                    .filter(name -> name.endsWith(".scales"))
                    .map(name -> name.replaceFirst("\\.scales$", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            Set<String> matrices = source.tensors().values().stream()
                    .filter(tensor -> tensor.rank() == 2 && tensor.name().startsWith("language_model."))
                    .map(tensor -> tensor.name().replaceFirst("\\.weight$", ""))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(matrices, smaller);
            for (StoredTensor tensor : source.tensors().values()) {
                if (!tensor.name().startsWith("language_model.")) {
                    StoredTensor kept = made.tensor(tensor.name());
                    assertEquals(-1, tensor.bytes().mismatch(kept.bytes()), tensor.name());
                }
            }
        }
        var config = new ObjectMapper().readTree(target.resolve("config.json").toFile());
        assertEquals(4, config.at("/quantization/bits").asInt());
        String layer = "/quantization/language_model.model.layers.0.";
        assertEquals(6, config.at(layer + "self_attn.q_proj/bits").asInt());
        assertTrue(config.at(layer + "mlp.up_proj").isMissingNode(), "most of it is in 4 bits");
        assertEquals(
                8,
                config.at("/quantization/language_model.model.embed_tokens/bits")
                        .asInt());
    }

    @Test
    void brokenJanusIsNotQuantized() throws Exception {
        Path broken = Files.createDirectories(folder.resolve("broken"));
        Files.copy(JANUS.resolve("config.json"), broken.resolve("config.json"));
        byte[] weights = Files.readAllBytes(JANUS.resolve("model.safetensors"));
        int at = new String(weights, java.nio.charset.StandardCharsets.ISO_8859_1)
                .indexOf("gen_vision_model.decoder.conv_out.weight");
        weights[at] = 'x';
        Files.write(broken.resolve("model.safetensors"), weights);
        Path target = folder.resolve("made");
        EngineException refused = assertThrows(
                EngineException.class, () -> FolderQuantizer.quantize(broken, target, Recipe.usual(), _ -> {}));
        assertEquals(EngineException.Reason.TENSOR_MISSING, refused.reason());
        assertTrue(Files.notExists(target));
    }

    /** As {@code black-forest-labs/FLUX.2-klein-4B} lies on the hub, with what other repositories have beside it. */
    @Test
    void modelsInSeveralFoldersComeWithAllOfThem() throws Exception {
        List<RepoFile> files = Stream.of(
                        "model_index.json",
                        "flux-2-klein-4b.safetensors",
                        "README.md",
                        "scheduler/scheduler_config.json",
                        "text_encoder/config.json",
                        "text_encoder/model-00001-of-00002.safetensors",
                        "text_encoder/model-00002-of-00002.safetensors",
                        "text_encoder/model.safetensors.index.json",
                        "tokenizer/tokenizer.json",
                        "transformer/config.json",
                        "transformer/diffusion_pytorch_model.safetensors",
                        "transformer/diffusion_pytorch_model.fp16.safetensors",
                        "vae/config.json",
                        "vae/diffusion_pytorch_model.safetensors",
                        "vae/diffusion_pytorch_model.bin")
                .map(path -> new RepoFile(path, 10, Optional.empty(), Optional.empty()))
                .toList();
        Wanted wanted = Wanted.of(
                new Snapshot(RepoId.parse("black-forest-labs/FLUX.2-klein-4B"), "main", "0".repeat(40), files),
                Optional.empty());
        assertEquals(
                List.of(
                        "text_encoder/model-00001-of-00002.safetensors",
                        "text_encoder/model-00002-of-00002.safetensors",
                        "transformer/diffusion_pytorch_model.safetensors",
                        "vae/diffusion_pytorch_model.safetensors"),
                wanted.weights().stream().map(RepoFile::path).toList());
        Set<String> texts = wanted.texts().stream().map(RepoFile::path).collect(Collectors.toSet());
        for (String text : List.of("model_index.json", "tokenizer/tokenizer.json", "vae/config.json")) {
            assertTrue(texts.contains(text), text);
        }
    }
}
