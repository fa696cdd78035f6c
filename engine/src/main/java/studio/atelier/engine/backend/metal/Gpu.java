package studio.atelier.engine.backend.metal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import studio.atelier.engine.backend.ffi.AppleLibraries;
import studio.atelier.engine.backend.ffi.CommandQueue;
import studio.atelier.engine.backend.ffi.DescriptorCheck;
import studio.atelier.engine.backend.ffi.DeviceBuffer;
import studio.atelier.engine.backend.ffi.KernelLibrary;
import studio.atelier.engine.backend.ffi.MetalDevice;
import studio.atelier.engine.backend.ffi.MetalException;
import studio.atelier.engine.backend.ffi.Pipeline;

/** The device, its queue and its prepared kernels. Opened once per backend, closed with it. */
final class Gpu implements AutoCloseable {
    private static final int SIMD_WIDTH = 32;

    private record PipelineKey(Kernel kernel, Constants constants) {}

    private final MetalDevice device;
    private final Residency residency;
    private final Map<String, KernelLibrary> libraries = new HashMap<>();
    private final Map<PipelineKey, Pipeline> pipelines = new HashMap<>();
    private final List<CommandQueue> abandoned = new ArrayList<>();
    private CommandQueue queue;

    private Gpu(MetalDevice device) {
        this.device = device;
        this.queue = device.newQueue();
        this.residency = Residency.on(device, queue);
    }

    /**
     * Opens the system's GPU and compares every binding with its runtime.
     *
     * @throws MetalException when there is none, or when it is not as these bindings expect
     */
    static Gpu open() {
        if (!AppleLibraries.present()) {
            throw new MetalException("This machine has no Metal: it needs a Mac with Apple silicon.");
        }
        MetalDevice device = MetalDevice.systemDefault();
        try {
            if (!device.hasUnifiedMemory()) {
                throw new MetalException(
                        "The GPU " + device.name() + " does not share its memory; Atelier needs Apple silicon.");
            }
            DescriptorCheck.Report report = DescriptorCheck.of(device);
            if (!report.objections().isEmpty()) {
                throw new MetalException("This macOS speaks another Metal than Atelier expects: "
                        + report.objections().getFirst() + ".");
            }
            return new Gpu(device);
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    MetalDevice device() {
        return device;
    }

    CommandQueue queue() {
        return queue;
    }

    Residency residency() {
        return residency;
    }

    /** A fresh queue, after the old one failed or got stuck. */
    void rebuildQueue() {
        abandoned.add(queue);
        queue = device.newQueue();
        residency.attach(queue);
    }

    /** A kernel with its constants, prepared at its first use. */
    Pipeline pipeline(Kernel kernel, Constants constants) {
        return pipelines.computeIfAbsent(new PipelineKey(kernel, constants), _ -> prepare(kernel, constants));
    }

    private Pipeline prepare(Kernel kernel, Constants constants) {
        KernelLibrary library = libraries.computeIfAbsent(kernel.file(), file -> device.newLibrary(source(file)));
        Pipeline pipeline = device.newPipeline(library, kernel.function(), constants.values());
        if (pipeline.simdWidth() != SIMD_WIDTH) {
            int width = pipeline.simdWidth();
            pipeline.close();
            throw new MetalException("The GPU " + device.name() + " works in groups of " + width
                    + " threads; Atelier's kernels expect " + SIMD_WIDTH + ".");
        }
        return pipeline;
    }

    /** A file of kernels behind what all share, numbered by its own lines. */
    static String source(String file) {
        return "#line 1 \"common.metal\"\n" + text("common") + "#line 1 \"" + file + ".metal\"\n" + text(file);
    }

    private static String text(String file) {
        String name = file + ".metal";
        // Whoever tests changed kernels says where they lie.
        String folder = System.getProperty("atelier.metal.kernels", "");
        try (InputStream in = folder.isEmpty()
                ? Gpu.class.getResourceAsStream(name)
                : java.nio.file.Files.newInputStream(java.nio.file.Path.of(folder, name))) {
            if (in == null) {
                throw new IllegalStateException("The kernels " + name + " are missing from the program.");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** A buffer that stays wired while the model is in use. */
    DeviceBuffer newBuffer(long lengthBytes, String label) {
        DeviceBuffer buffer = device.newBuffer(lengthBytes).labelled(label);
        residency.add(buffer);
        return buffer;
    }

    @Override
    public void close() {
        residency.close();
        pipelines.values().forEach(Pipeline::close);
        libraries.values().forEach(KernelLibrary::close);
        queue.close();
        abandoned.forEach(CommandQueue::close);
        device.close();
    }
}
