package studio.atelier.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javafx.application.Platform;
import javafx.embed.swing.SwingFXUtils;
import javafx.geometry.Rectangle2D;
import javafx.scene.Node;
import javafx.scene.control.Button;
import javafx.scene.control.ListView;
import javafx.scene.control.ToggleButton;
import javafx.stage.Stage;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import studio.atelier.app.chat.HelpLookup;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.models.ModelsViewModel;
import studio.atelier.app.running.ModelOpener;
import studio.atelier.app.script.MemoryArchive;
import studio.atelier.app.theme.Appearance;
import studio.atelier.engine.EngineException;
import studio.atelier.models.hub.HubEnvironment;

/** The pages about models in the real window, over a hub on this machine: looked at, and used as a person does. */
@EnabledIfSystemProperty(named = "atelier.pictures", matches = ".+", disabledReason = "its hub is slow on purpose")
final class ModelsPicturesTest {
    private static final File TARGET = new File(System.getProperty("atelier.pictures", "target/pictures"));
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final long PATIENCE_SECONDS = 400;

    @TempDir
    private Path folder;

    private final SmallRepository repository = SmallRepository.make();
    private volatile int pauseMillis = 60;
    private HttpServer hub;
    private Wiring wiring;
    private Stage stage;

    @BeforeEach
    void openHub() throws IOException {
        hub = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        hub.createContext("/", this::serve);
        hub.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        hub.start();
        try {
            Platform.startup(() -> {});
        } catch (IllegalStateException e) {
            // Another test's window has started it.
            assertTrue(true);
        }
        Platform.setImplicitExit(false);
    }

    @AfterEach
    void close() {
        hub.stop(0);
        if (wiring != null) {
            onWindowThread(() -> {
                stage.hide();
                return stage;
            });
            wiring.close();
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String body =
                    switch (path) {
                        case "/api/models" -> models();
                        case "/api/models/Qwen/Qwen3-4B/revision/main" -> "{\"sha\":\"" + COMMIT + "\"}";
                        case "/api/models/Qwen/Qwen3-4B/tree/" + COMMIT -> repository.tree();
                        default -> "";
                    };
            if (!body.isEmpty()) {
                answer(exchange, 200, body.getBytes(StandardCharsets.UTF_8));
                return;
            }
            byte[] content = repository.content(path.substring(path.lastIndexOf('/') + 1));
            if (content.length == 0) {
                answer(exchange, 404, new byte[0]);
                return;
            }
            exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(content.length));
                exchange.sendResponseHeaders(200, -1);
                return;
            }
            String range = exchange.getRequestHeaders().getFirst("Range").substring("bytes=".length());
            int first = Integer.parseInt(range.substring(0, range.indexOf('-')));
            int last = Math.min(content.length - 1, Integer.parseInt(range.substring(range.indexOf('-') + 1)));
            exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + content.length);
            exchange.sendResponseHeaders(206, last - first + 1);
            for (int at = first; at <= last; at += 1 << 16) {
                exchange.getResponseBody().write(content, at, Math.min(1 << 16, last - at + 1));
                if (at > 100_000) {
                    Thread.sleep(pauseMillis);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private static String models() {
        StringBuilder list = new StringBuilder("[");
        String[][] rows = {
            {"Qwen/Qwen3-4B", "4022468096", "apache-2.0", "5120331"},
            {"mlx-community/Qwen3-30B-A3B-4bit", "30532122624", "apache-2.0", "412003"},
            {"openai/gpt-oss-20b", "20914757184", "apache-2.0", "6120944"},
            {"deepseek-ai/DeepSeek-V3-0324", "684531386000", "mit", "1520000"},
            {"mlx-community/Qwen3-0.6B-4bit", "596049920", "apache-2.0", "88012"},
            {"meta-llama/Llama-3.1-8B-Instruct", "8030261248", "llama3.1", "9120555"}
        };
        for (String[] row : rows) {
            list.append(list.length() == 1 ? "" : ",")
                    .append("{\"id\":\"" + row[0] + "\",\"safetensors\":{\"total\":" + row[1] + "},\"downloads\":"
                            + row[3] + ",\"likes\":10,\"tags\":[\"license:" + row[2] + "\"]}");
        }
        return list.append("]").toString();
    }

    private static <T> T onWindowThread(Supplier<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Platform.runLater(() -> {
            try {
                result.complete(task.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    private static void await(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!onWindowThread(holds::getAsBoolean)) {
            assertTrue(System.nanoTime() < end, "never came: " + what);
            Thread.sleep(30);
        }
    }

    private Node find(String selector) {
        Node found = stage.getScene().lookup(selector);
        assertTrue(found != null, "the window has no " + selector);
        return found;
    }

    private void openWindow(Language language, Appearance appearance) throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        HubEnvironment environment = new HubEnvironment(
                Map.of(
                        "HF_ENDPOINT",
                        "http://127.0.0.1:" + hub.getAddress().getPort(),
                        "HF_HUB_CACHE",
                        folder.resolve("cache").toString()),
                folder);
        ModelOpener opener = (_, _, _) -> {
            throw new EngineException(EngineException.Reason.INTERNAL, "Nothing is opened here.");
        };
        Parts parts = new Parts(
                data,
                new MemoryArchive(Clock.systemUTC()),
                opener,
                HelpLookup.none(),
                Optional.empty(),
                Clock.systemUTC());
        wiring = onWindowThread(() -> {
            Wiring made = new Wiring(parts, environment);
            made.settings.change(now -> now.withLanguage(Optional.of(language)).withAppearance(appearance));
            stage = new Stage();
            new MainWindow(made, stage, _ -> {}).show(new Rectangle2D(0, 0, 1920, 1200));
            return made;
        });
    }

    private void picture(String name) throws IOException {
        BufferedImage picture =
                onWindowThread(() -> SwingFXUtils.fromFXImage(stage.getScene().snapshot(null), null));
        TARGET.mkdirs();
        ImageIO.write(picture, "png", new File(TARGET, name + ".png"));
        Set<Integer> colours = new HashSet<>();
        for (int y = 0; y < picture.getHeight(); y += 3) {
            for (int x = 0; x < picture.getWidth(); x += 3) {
                colours.add(picture.getRGB(x, y));
            }
        }
        assertEquals(1360, picture.getWidth());
        assertTrue(colours.size() > 60, name + " shows only " + colours.size() + " colours");
    }

    private void walk(String name, Language language, Appearance appearance) throws Exception {
        openWindow(language, appearance);
        onWindowThread(() -> {
            ((Button) find("#sidebar-models")).fire();
            return stage;
        });
        await(
                "what the hub has",
                () -> stage.getScene().lookup("#models-found") instanceof ListView<?> list
                        && list.getItems().size() == 6);
        Thread.sleep(300);
        picture("models-recommended-" + name);
        onWindowThread(() -> {
            ((ListView<?>) find("#models-found")).getSelectionModel().selectFirst();
            return stage;
        });
        await("the install button", () -> stage.getScene().lookup("#install") != null);
        Thread.sleep(300);
        picture("models-discover-" + name);
        onWindowThread(() -> {
            ((Button) find("#install")).fire();
            ((ToggleButton) find("#models-here")).fire();
            return stage;
        });
        await(
                "two files",
                () -> wiring.hub.queue().stream()
                        .anyMatch(item -> item.progress().shardsDone() >= 2
                                && item.progress().bytesPerSecond() > 0));
        Thread.sleep(300);
        picture("models-downloads-" + name);
        pauseMillis = 0;
        await(
                "the model",
                () -> wiring.hub.installed().stream()
                        .anyMatch(model -> model.manifest().isPresent()));
        onWindowThread(() -> {
            wiring.hub.verify(wiring.hub.installed().getFirst());
            return stage;
        });
        await(
                "the verdict",
                () -> wiring.hub
                        .toldProperty()
                        .get()
                        .filter(told -> told instanceof ModelsViewModel.Told.Whole)
                        .isPresent());
        Thread.sleep(300);
        picture("models-installed-" + name);
        onWindowThread(() -> {
            ((Button) find("#new-chat")).fire();
            return stage;
        });
        assertTrue(onWindowThread(() -> find("#composer").isVisible()), "the chat did not come back");
    }

    @Test
    void light() throws Exception {
        walk("light", Language.ENGLISH, Appearance.LIGHT);
    }

    @Test
    void dark() throws Exception {
        walk("dark", Language.ENGLISH, Appearance.DARK);
    }

    @Test
    void chinese() throws Exception {
        walk("zh", Language.SIMPLIFIED_CHINESE, Appearance.LIGHT);
    }

    @Test
    void darkAndChinese() throws Exception {
        walk("zh-dark", Language.SIMPLIFIED_CHINESE, Appearance.DARK);
    }
}
