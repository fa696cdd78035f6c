package studio.atelier.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Backends;
import studio.atelier.engine.EngineException;

/**
 * Answers the held-out prompts of {@code assets/training/image} with the shipped model through this engine: a line of
 * JSON each, with plan, cells, and what is measured in the picture. {@code judge} there compares them.
 */
final class MosaicAnswers {
    private static final long SEED = 20;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private MosaicAnswers() {}

    public static void main(String[] arguments) throws IOException, EngineException {
        JsonMapper json = new JsonMapper();
        Path folder = Path.of(arguments[0]);
        try (var backend = Backends.of(BackendChoice.CPU);
                MosaicModel model = MosaicModel.open(folder, "starter", backend);
                BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[2]))) {
            for (String line : Files.readAllLines(Path.of(arguments[1]))) {
                out.write(json.writeValueAsString(answer(model, json.readTree(line), json)));
                out.newLine();
            }
        }
    }

    private static ObjectNode answer(MosaicModel model, JsonNode row, JsonMapper json) {
        ObjectNode answer = json.createObjectNode();
        long began = System.nanoTime();
        long computed = THREADS.getCurrentThreadCpuTime();
        MosaicDrawing drawing;
        try {
            drawing = model.begin(request(row), SEED, Trace.none(), new Pulse(new PictureTask(), _ -> {}));
            boolean more = true;
            while (more) {
                more = drawing.step();
            }
        } catch (EngineException e) {
            return answer.put("refused", e.getMessage());
        }
        Picture picture = drawing.picture();
        answer.put("seconds", (System.nanoTime() - began) / 1e9);
        answer.put("computed", (THREADS.getCurrentThreadCpuTime() - computed) / 1e9);
        answer.put("corrected", drawing.corrected());
        answer.put("plan", drawing.plan().text());
        ArrayNode palette = answer.putArray("palette");
        drawing.palette().stream().map(Colours::hex).forEach(palette::add);
        ArrayNode cells = answer.putArray("cells");
        drawing.cells().forEach(cell -> cell.names().forEach(cells.addArray()::add));
        int corner = picture.argb(0, 0);
        answer.put("ground", corner >>> 24 == 0 ? "transparent" : Colours.hex(corner));
        ArrayNode colours = answer.putArray("colours");
        java.util.Arrays.stream(picture.pixels())
                .filter(pixel -> pixel >>> 24 == 255)
                .distinct()
                .mapToObj(Colours::hex)
                .forEach(colours::add);
        return answer;
    }

    private static PictureRequest request(JsonNode row) {
        PictureRequest request = PictureRequest.of(row.path("text").asText());
        String source = row.path("source").asText();
        if (source.isEmpty()) {
            return request.withSize(PictureSize.parse(row.path("form").asText()).orElseThrow());
        }
        Provenance told = new Provenance("", "starter", 0, 1, 1, 0, 1, "", List.of(), "native", List.of(), source);
        return request.withSources(List.of(new PictureFile(Picture.of(1, 1, new int[1]), Optional.of(told))));
    }
}
