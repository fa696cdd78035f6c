package studio.atelier.engine.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.EngineException;

/**
 * Real chat templates with what Jinja2 renders from them: those whose licences allow a copy lie compressed in the test
 * resources, more of them in the folder that the system property {@code atelier.golden} names.
 */
final class GoldenTemplates {
    /** Those in the resources. */
    static final List<String> NAMES = List.of(
            "Apriel-1.6-15b-Thinker-fixed",
            "Bielik-11B-v3.0-Instruct",
            "GLM-4.6",
            "GigaChat3-10B-A1.8B",
            "HuggingFaceTB-SmolLM3-3B",
            "Kimi-K2-Instruct",
            "MiMo-VL",
            "MiniMax-M1",
            "Qwen-Qwen2.5-7B-Instruct",
            "Qwen-Qwen3-0.6B",
            "StepFun3.5-Flash",
            "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B",
            "deepseek-ai-DeepSeek-V3.1",
            "deepseek-ai-DeepSeek-V4",
            "ibm-granite-granite-3.3-2B-Instruct",
            "llama-cpp-deepseek-r1",
            "llama-cpp-rwkv-world",
            "microsoft-Phi-3-mini-4k-instruct",
            "microsoft-Phi-3.5-mini-instruct",
            "mistralai-Mistral-Nemo-Instruct-2407",
            "openai-gpt-oss-120b",
            "unsloth-mistral-Devstral-Small-2507");

    /** The moment at which the reference rendered. */
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-03-14T15:09:26Z"), ZoneOffset.UTC);

    private static final ObjectMapper JSON = new ObjectMapper();

    private GoldenTemplates() {}

    /** The templates of the resources and of the folder, if one is named. */
    static Iterable<String> all() throws IOException {
        var names = new TreeSet<>(NAMES);
        String folder = System.getProperty("atelier.golden");
        if (folder != null) {
            try (var entries = Files.list(Path.of(folder, "templates"))) {
                entries.filter(Files::isDirectory)
                        .forEach(each -> names.add(each.getFileName().toString()));
            }
        }
        return names;
    }

    static String source(String name) throws IOException {
        try (var in = open("templates/" + name + "/template.jinja")) {
            if (in == null) {
                throw new IOException("no golden template " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static ChatTemplate template(String name) throws IOException, EngineException {
        return ChatTemplate.of(source(name), Map.of()).withClock(CLOCK);
    }

    /** The elements of a JSON array of the golden data, none when the file is not here. */
    static List<JsonNode> cases(String path) throws IOException {
        try (var in = open(path)) {
            return in == null
                    ? List.of()
                    : StreamSupport.stream(JSON.readTree(in).spliterator(), false)
                            .toList();
        }
    }

    static @Nullable JsonNode tools(JsonNode each) {
        return each.path("tools").isArray() ? each.get("tools") : null;
    }

    static @Nullable InputStream open(String path) throws IOException {
        var resource = GoldenTemplates.class.getResourceAsStream("/golden/" + path + ".gz");
        if (resource != null) {
            return new GZIPInputStream(resource);
        }
        String folder = System.getProperty("atelier.golden");
        Path file = folder == null ? null : Path.of(folder, path);
        return file != null && Files.isRegularFile(file) ? Files.newInputStream(file) : null;
    }
}
