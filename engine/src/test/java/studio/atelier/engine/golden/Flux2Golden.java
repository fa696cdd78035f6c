package studio.atelier.engine.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static studio.atelier.engine.golden.JanusGolden.near;
import static studio.atelier.engine.golden.JanusGolden.pixels;
import static studio.atelier.engine.golden.JanusGolden.planes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import studio.atelier.engine.generate.FlowSampler;
import studio.atelier.engine.loading.Component;
import studio.atelier.engine.models.Configuration;
import studio.atelier.engine.models.FlowSchedule;
import studio.atelier.engine.models.Flux2Autoencoder;
import studio.atelier.engine.models.Flux2Transformer;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.nn.PictureModules;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.RotaryTable;
import studio.atelier.engine.tensor.Tensor;
import studio.atelier.engine.weights.ModelConfig;

/** FLUX.2 against diffusers in float32: four steps from words and four with a reference, every intermediate. */
abstract class Flux2Golden {
    private static final float TOLERANCE = 1e-4f;
    private static final float PICTURE_TOLERANCE = 1e-3f;
    private static final String FOLDER = "image/flux2-tiny/";
    private static final int ROWS = 4;
    private static final int COLUMNS = 6;

    /** An open small model. */
    private record Flux(Flux2Transformer transformer, Flux2Autoencoder autoencoder, GoldenFile golden) {}

    @FunctionalInterface
    private interface Check {
        void on(Flux flux) throws Exception;
    }

    /** What is to compute it, each; whoever asked closes them. */
    abstract List<Backend> backends() throws Exception;

    private void onEach(Check check) throws Exception {
        ModelConfig config = GoldenFile.config(FOLDER + "config.json");
        for (Backend each : backends()) {
            try (Backend backend = each;
                    Component transformer =
                            Component.open(GoldenFile.path(FOLDER + "transformer.safetensors"), config);
                    Component vae = Component.open(GoldenFile.path(FOLDER + "vae.safetensors"), config);
                    GoldenFile golden = GoldenFile.open(FOLDER + "golden.safetensors")) {
                Flux flux = new Flux(
                        Flux2Transformer.load(section(config, "transformer"), modules(backend, transformer)),
                        Flux2Autoencoder.load(section(config, "vae"), modules(backend, vae)),
                        golden);
                transformer.requireAllUsed("FLUX.2");
                vae.requireAllUsed("FLUX.2");
                check.on(flux);
            }
        }
    }

    private static Configuration section(ModelConfig config, String name) throws Exception {
        return config.section(name).orElseThrow();
    }

    private static PictureModules modules(Backend backend, Component component) throws Exception {
        return PictureModules.over(new Modules(backend, component.weights()));
    }

    @Test
    void followsTheSchedule() throws Exception {
        try (GoldenFile golden = GoldenFile.open(FOLDER + "golden.safetensors")) {
            FlowSchedule schedule = FlowSchedule.of(ROWS * COLUMNS, 4);
            assertEquals(golden.floats("sched.mu")[0], schedule.shift(), 1e-5);
            for (int i = 0; i <= 4; i++) {
                assertEquals(golden.floats("sched.sigmas")[i], schedule.sigmas()[i], 1e-6);
            }
            for (int i = 0; i < 4; i++) {
                assertEquals(golden.floats("sched.timesteps")[i], 1000 * schedule.sigmas()[i], 1e-3);
            }
        }
    }

    /** From the model's description: at 1024², in four steps. */
    @Test
    void staysNoisyForLongerWhenLarge() {
        double[] sigmas = FlowSchedule.of(4096, 4).sigmas();
        double[] expected = {1, .967, .908, .767, 0};
        for (int i = 0; i < 5; i++) {
            assertEquals(expected[i], sigmas[i], 1e-3);
        }
    }

    @Test
    void embedsTimeAndTurnsPlaces() throws Exception {
        onEach(flux -> {
            near(flux.golden.floats("temb735"), flux.transformer.timeEmbedding(735), TOLERANCE);
            RotaryTable table = flux.transformer.rotations(flux.golden.ints("img_ids"));
            float[] cosines = flux.golden.floats("rope.cos");
            float[] sines = flux.golden.floats("rope.sin");
            for (int i = 0; i < cosines.length; i++) {
                assertEquals(cosines[i], table.cosines()[i / 2], 1e-6);
                assertEquals(sines[i], table.sines()[i / 2], 1e-6);
            }
        });
    }

    @Test
    void makesThePictureOfWords() throws Exception {
        onEach(flux -> {
            FlowSampler sampler = sampler(flux, Optional.empty());
            near(flux.golden.floats("t2i.v0"), sampler.velocity(Stages.Watcher.NONE), TOLERANCE);
            for (int i = 0; i < 4; i++) {
                sampler.step(Stages.Watcher.NONE);
            }
            near(flux.golden.floats("t2i.final"), sampler.tokens(), TOLERANCE);
            Map<String, Tensor> reached = new HashMap<>();
            Tensor picture = flux.autoencoder.decode(sampler.tokens(), ROWS, COLUMNS, reached::put);
            near(flux.golden.floats("t2i.latent"), planes(reached.get("latent")), TOLERANCE);
            near(flux.golden.floats("t2i.image"), planes(picture), PICTURE_TOLERANCE);
        });
    }

    @Test
    void followsAReference() throws Exception {
        onEach(flux -> {
            Map<String, Tensor> reached = new HashMap<>();
            float[] reference =
                    flux.autoencoder.encode(pixels(flux.golden.floats("ref.image"), 64, 64), 64, 64, reached::put);
            near(flux.golden.floats("ref.vae_mean"), planes(reached.get("mean")), TOLERANCE);
            near(flux.golden.floats("ref.tokens"), reference, TOLERANCE);
            FlowSampler sampler = sampler(flux, Optional.of(reference));
            near(flux.golden.floats("edit.v0"), sampler.velocity(Stages.Watcher.NONE), TOLERANCE);
            for (int i = 0; i < 4; i++) {
                sampler.step(Stages.Watcher.NONE);
            }
            near(flux.golden.floats("edit.final"), sampler.tokens(), TOLERANCE);
            reached.clear();
            Tensor picture = flux.autoencoder.decode(sampler.tokens(), ROWS, COLUMNS, reached::put);
            near(flux.golden.floats("edit.latent"), planes(reached.get("latent")), TOLERANCE);
            near(flux.golden.floats("edit.image"), planes(picture), PICTURE_TOLERANCE);
        });
    }

    /** Of the transformer's matrices those whose rows divide into groups, which are nearly all. */
    @ParameterizedTest(name = "{0} bits, cosine above {1}")
    @CsvSource({"4, 0.98", "8, 0.9999"})
    void readsFewerBitsNearlyAlike(int bits, double least, @TempDir Path folder) throws Exception {
        Path whole = Files.createDirectories(folder.resolve("whole"));
        Path smaller = Files.createDirectories(folder.resolve("smaller"));
        Files.copy(GoldenFile.path(FOLDER + "config.json"), whole.resolve("config.json"));
        Files.copy(GoldenFile.path(FOLDER + "transformer.safetensors"), whole.resolve("model.safetensors"));
        FewerBits.layOut(whole, smaller, "", FewerBits.Bits.all(bits));
        ModelConfig config = ModelConfig.read(smaller.resolve("config.json"));
        try (Backend backend = backends().getLast();
                Component transformer = Component.open(smaller.resolve("model.safetensors"), config);
                Component vae = Component.open(GoldenFile.path(FOLDER + "vae.safetensors"), config);
                GoldenFile golden = GoldenFile.open(FOLDER + "golden.safetensors")) {
            Flux flux = new Flux(
                    Flux2Transformer.load(section(config, "transformer"), modules(backend, transformer)),
                    Flux2Autoencoder.load(section(config, "vae"), modules(backend, vae)),
                    golden);
            FlowSampler sampler = sampler(flux, Optional.empty());
            JanusGolden.alike(golden.floats("t2i.v0"), sampler.velocity(Stages.Watcher.NONE), least);
            for (int i = 0; i < 4; i++) {
                sampler.step(Stages.Watcher.NONE);
            }
            JanusGolden.alike(golden.floats("t2i.final"), sampler.tokens(), least);
        }
    }

    @Test
    void readsHalvesNearlyAlike(@TempDir Path folder) throws Exception {
        ModelConfig config = GoldenFile.config(FOLDER + "config.json");
        for (String part : List.of("transformer", "vae")) {
            FewerBits.halve(GoldenFile.path(FOLDER + part + ".safetensors"), folder.resolve(part + ".safetensors"));
        }
        try (Backend backend = backends().getLast();
                Component transformer = Component.open(folder.resolve("transformer.safetensors"), config);
                Component vae = Component.open(folder.resolve("vae.safetensors"), config);
                GoldenFile golden = GoldenFile.open(FOLDER + "golden.safetensors")) {
            Flux flux = new Flux(
                    Flux2Transformer.load(section(config, "transformer"), modules(backend, transformer)),
                    Flux2Autoencoder.load(section(config, "vae"), modules(backend, vae)),
                    golden);
            FlowSampler sampler = sampler(flux, Optional.empty());
            for (int i = 0; i < 4; i++) {
                sampler.step(Stages.Watcher.NONE);
            }
            JanusGolden.alike(golden.floats("t2i.final"), sampler.tokens(), 0.999);
            Tensor picture = flux.autoencoder.decode(sampler.tokens(), ROWS, COLUMNS, Stages.Watcher.NONE);
            JanusGolden.alike(golden.floats("t2i.image"), planes(picture), 0.999);
        }
    }

    @Test
    void placesTokensAsDiffusersDoes() throws Exception {
        try (GoldenFile golden = GoldenFile.open(FOLDER + "golden.safetensors")) {
            int[] all = FlowSampler.positions(6, ROWS, COLUMNS, List.of(new FlowSampler.Grid(4, 4)));
            int[] expected = IntStream.concat(
                            IntStream.concat(
                                    IntStream.of(golden.ints("txt_ids")), IntStream.of(golden.ints("img_ids"))),
                            IntStream.of(golden.ints("ref.ids")))
                    .toArray();
            assertTrue(java.util.Arrays.equals(expected, all), () -> java.util.Arrays.toString(all));
        }
    }

    private static FlowSampler sampler(Flux flux, Optional<float[]> reference) {
        float[] noise = rows(flux.golden.floats("noise"));
        List<FlowSampler.Grid> grids = reference.isPresent() ? List.of(new FlowSampler.Grid(4, 4)) : List.of();
        return new FlowSampler(
                flux.transformer,
                noise,
                reference.orElse(new float[0]),
                flux.golden.floats("txt"),
                Optional.empty(),
                FlowSampler.positions(6, ROWS, COLUMNS, grids),
                FlowSchedule.of(ROWS * COLUMNS, 4));
    }

    /** From {@code [C, Y, X]} to {@code [Y * X, C]}. */
    private static float[] rows(float[] planes) {
        int count = ROWS * COLUMNS;
        int channels = planes.length / count;
        float[] rows = new float[planes.length];
        for (int i = 0; i < planes.length; i++) {
            rows[i % count * channels + i / count] = planes[i];
        }
        return rows;
    }
}
