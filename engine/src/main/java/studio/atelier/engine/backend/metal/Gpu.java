package studio.atelier.engine.backend.metal;

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
    private final KernelSources sources;
    private final Residency residency;
    private final Map<String, KernelLibrary> libraries = new HashMap<>();
    private final Map<PipelineKey, Pipeline> pipelines = new HashMap<>();
    private final List<CommandQueue> abandoned = new ArrayList<>();
    private CommandQueue queue;

    private Gpu(MetalDevice device, KernelSources sources) {
        this.device = device;
        this.sources = sources;
        this.queue = device.newQueue();
        this.residency = Residency.on(device, queue);
    }

    /**
     * Opens the system's GPU and compares every binding with its runtime.
     *
     * @throws MetalException when there is none, or when it is not as these bindings expect
     */
    static Gpu open(KernelSources sources) {
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
            return new Gpu(device, sources);
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
        KernelLibrary library =
                libraries.computeIfAbsent(kernel.file(), file -> device.newLibrary(sources.withCommon(file)));
        Pipeline pipeline = device.newPipeline(library, kernel.function(), constants.values());
        if (pipeline.simdWidth() != SIMD_WIDTH) {
            int width = pipeline.simdWidth();
            pipeline.close();
            throw new MetalException("The GPU " + device.name() + " works in groups of " + width
                    + " threads; Atelier's kernels expect " + SIMD_WIDTH + ".");
        }
        return pipeline;
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
