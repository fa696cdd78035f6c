package studio.atelier.engine.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;

final class ModelConfigTest {
    private static final int WIDTH = 1 << 20;

    @TempDir
    Path folder;

    private ModelConfig config(String json) throws IOException, EngineException {
        Files.writeString(folder.resolve("config.json"), json);
        return ModelConfig.inFolder(folder);
    }

    private void refuses(String says, Executable read) {
        var refusal = assertThrows(EngineException.class, read);
        assertEquals(Reason.CONFIG_INVALID, refusal.reason());
        assertEquals(folder.resolve("config.json") + ": " + says, refusal.getMessage());
    }

    @Test
    void gettersReadWhatIsThere() throws IOException, EngineException {
        ModelConfig config = config("""
            {"model_type": "qwen3_moe", "hidden_size": 128, "rope_theta": 1e6, "use": true, "none": null,
             "whole": 4096.0, "layer_types": ["full", "sliding"], "mlp_only_layers": [0, 2],
             "text_config": {"hidden_size": 64}, "time_step_limit": [0.0, Infinity],
             "quantization": {"group_size": 64, "bits": 4, "lm_head": false}}
            """);
        assertEquals("qwen3_moe", config.modelType());
        assertEquals(128, config.integer("hidden_size", 1, WIDTH));
        assertEquals(4096, config.integer("whole", 1, WIDTH));
        assertEquals(7, config.integerOr(7, "none", 1, WIDTH));
        assertEquals(1e6, config.number("rope_theta", 1));
        assertTrue(config.flag("use", false));
        assertFalse(config.flag("none", false));
        assertEquals("x", config.text("missing", "x"));
        assertEquals(List.of("full", "sliding"), config.texts("layer_types"));
        assertEquals(List.of(0, 2), config.integers("mlp_only_layers"));
        assertEquals(64, config.textModel().integer("hidden_size", 1, WIDTH));
        assertEquals(4, config.quantization().orElseThrow().integer("bits", 2, 8));
        assertTrue(config.section("missing").isEmpty());
    }

    @Test
    void gettersRefuseInOneSentence() throws IOException, EngineException {
        ModelConfig config = config("""
            {"hidden_size": 0, "heads": "many", "half": 1.5, "huge": 1e99, "theta": NaN, "use": 1,
             "list": 3, "mixed": ["a", 1], "rope_scaling": {"factor": []}, "text_config": []}
            """);
        refuses(
                "hidden_size: expected a whole number from 1 to 1048576, got 0.",
                () -> config.integer("hidden_size", 1, WIDTH));
        refuses("heads: expected a whole number from 1 to 9, got \"many\".", () -> config.integer("heads", 1, 9));
        refuses("half: expected a whole number from 1 to 9, got 1.5.", () -> config.integer("half", 1, 9));
        refuses("huge: expected a whole number from 1 to 9, got 1.0E99.", () -> config.integer("huge", 1, 9));
        refuses("gone: expected a whole number from 1 to 9, got nothing.", () -> config.integer("gone", 1, 9));
        refuses("theta: expected a finite number, got \"NaN\".", () -> config.number("theta", 1));
        refuses("use: expected true or false, got 1.", () -> config.flag("use", true));
        refuses("list: expected a list of texts, got 3.", () -> config.texts("list"));
        refuses("mixed: expected a list of texts, got 1.", () -> config.texts("mixed"));
        refuses("model_type: expected a text, got nothing.", config::modelType);
        refuses("text_config: expected an object, got [].", config::textModel);
        refuses(
                "rope_scaling.factor: expected a finite number, got [].",
                () -> config.nested("rope_scaling").orElseThrow().number("factor", 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{", "{} {}", "{\"a\":1,\"a\":2}", "{\"a\":01}"})
    void readRefusesWhatIsNoObject(String json) {
        assertEquals(
                Reason.CONFIG_INVALID,
                assertThrows(EngineException.class, () -> config(json)).reason());
    }

    @Test
    void readRefusesBombs() {
        String deep = "{\"a\":" + "[".repeat(40) + "]".repeat(40) + "}";
        assertThrows(EngineException.class, () -> config(deep));
        String large = "{\"a\":\"" + "x".repeat(9 << 20) + "\"}";
        var refusal = assertThrows(EngineException.class, () -> config(large));
        assertTrue(String.valueOf(refusal.getMessage()).contains("larger than 8388608 bytes"), refusal.getMessage());
        String digits = "{\"a\":" + "9".repeat(100) + "}";
        assertThrows(EngineException.class, () -> config(digits));
    }

    @Test
    void readRefusesAMissingFile() {
        var refusal = assertThrows(EngineException.class, () -> ModelConfig.inFolder(folder));
        assertEquals(Reason.MODEL_FOLDER_INCOMPLETE, refusal.reason());
    }

    @Test
    void generationConfigPrefersItsOwnEndTokens() throws IOException, EngineException {
        ModelConfig config = config("{\"eos_token_id\": 1}");
        assertEquals(List.of(1), GenerationConfig.inFolder(folder, config).endTokens());
        Files.writeString(folder.resolve("generation_config.json"), """
            {"eos_token_id": [5, 7], "do_sample": false, "temperature": 0.6, "top_k": 20, "top_p": null}
            """);
        GenerationConfig generation = GenerationConfig.inFolder(folder, config);
        assertEquals(List.of(5, 7), generation.endTokens());
        assertFalse(generation.samples());
        assertEquals(OptionalDouble.of(0.6), generation.temperature());
        assertEquals(OptionalInt.of(20), generation.topK());
        assertEquals(OptionalDouble.empty(), generation.topP());
    }

    @Test
    void generationConfigRefusesNegativeTokens() throws IOException, EngineException {
        ModelConfig config = config("{\"eos_token_id\": [-1]}");
        refuses(
                "eos_token_id: expected a whole number from 0 to 16777216, got -1.",
                () -> GenerationConfig.inFolder(folder, config));
    }
}
