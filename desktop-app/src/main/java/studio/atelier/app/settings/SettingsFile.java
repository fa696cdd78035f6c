package studio.atelier.app.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.theme.Appearance;
import studio.atelier.engine.CacheChoice;

/**
 * The settings of the program as a small JSON file. It is read before the first frame, when opening a database would be
 * too slow, and replaced as a whole, so that a crash leaves the old one or the new one.
 */
public final class SettingsFile {
    private static final Logger LOG = System.getLogger(SettingsFile.class.getName());

    private final ObjectMapper json = new ObjectMapper();
    private final Path file;

    public SettingsFile(Path file) {
        this.file = file;
    }

    /** What was written last; each value that is missing or makes no sense as usual. */
    public AppSettings read() {
        if (!Files.exists(file)) {
            return AppSettings.usual();
        }
        try {
            return from(json.readTree(file.toFile()));
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the settings can't be read; the usual ones stand in", e);
            return AppSettings.usual();
        }
    }

    /**
     * Replaces what was written.
     *
     * @throws IOException when the folder can't be written
     */
    public void write(AppSettings settings) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        json.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), toJson(settings));
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private ObjectNode toJson(AppSettings settings) {
        ObjectNode node = json.createObjectNode();
        settings.language().ifPresent(language -> node.put("language", language.name()));
        node.put("appearance", settings.appearance().name()).put("text_step", settings.textStep());
        node.put("cache", settings.cache().name());
        ArrayNode opened = node.putArray("opened_models");
        settings.openedModels().forEach(folder -> opened.add(folder.toString()));
        settings.lastModel().ifPresent(folder -> node.put("last_model", folder.toString()));
        node.put("sidebar", settings.columns().sidebar())
                .put("inspector", settings.columns().inspector());
        settings.place()
                .ifPresent(place -> node.putObject("window")
                        .put("x", place.x())
                        .put("y", place.y())
                        .put("width", place.width())
                        .put("height", place.height()));
        ObjectNode updates = node.putObject("updates")
                .put("at_start", settings.updates().atStart())
                .put("address", settings.updates().address());
        settings.updates().skipped().ifPresent(version -> updates.put("skipped", version));
        return node;
    }

    private static AppSettings from(JsonNode node) {
        AppSettings usual = AppSettings.usual();
        List<Path> opened = new ArrayList<>();
        node.path("opened_models").forEach(name -> folder(name).ifPresent(opened::add));
        JsonNode window = node.path("window");
        AppSettings.Columns columns = new AppSettings.Columns(
                node.path("sidebar").asBoolean(usual.columns().sidebar()),
                node.path("inspector").asBoolean(usual.columns().inspector()));
        AppSettings read = new AppSettings(
                constant(Language.values(), node.path("language").asText()),
                constant(Appearance.values(), node.path("appearance").asText()).orElse(usual.appearance()),
                node.path("text_step").asInt(),
                opened,
                folder(node.path("last_model")),
                columns,
                Optional.empty(),
                updates(node.path("updates")),
                constant(CacheChoice.values(), node.path("cache").asText()).orElse(usual.cache()));
        return window.isMissingNode()
                ? read
                : read.withPlace(new AppSettings.Place(
                        window.path("x").asDouble(),
                        window.path("y").asDouble(),
                        window.path("width").asDouble(),
                        window.path("height").asDouble()));
    }

    private static AppSettings.Updates updates(JsonNode node) {
        AppSettings.Updates usual = AppSettings.usual().updates();
        return new AppSettings.Updates(
                node.path("at_start").asBoolean(usual.atStart()),
                node.path("address").asText(usual.address()),
                Optional.ofNullable(node.path("skipped").textValue()));
    }

    private static <E extends Enum<E>> Optional<E> constant(E[] all, String name) {
        return Arrays.stream(all).filter(value -> value.name().equals(name)).findFirst();
    }

    private static Optional<Path> folder(JsonNode name) {
        try {
            return name.isTextual() ? Optional.of(Path.of(name.asText())) : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
