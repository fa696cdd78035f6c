package studio.atelier.engine.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import studio.atelier.engine.BackendChoice;
import studio.atelier.engine.Backends;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.weights.ModelConfig;

/**
 * An open model that makes pictures. Everything that belongs to it lives on one thread; pictures are made one after the
 * other. All methods may be called from any thread; whoever opened it closes it.
 */
public final class PictureEngine implements AutoCloseable {
    private static final int COLOURS = 8;

    private final ExecutorService thread;
    private final Thread owner;
    private final Backend backend;
    private final PictureModel model;
    private final Set<PictureTask> tasks = ConcurrentHashMap.newKeySet();

    /** On the engine's thread. */
    private PictureEngine(ExecutorService thread, Backend backend, PictureModel model) {
        this.thread = thread;
        this.owner = Thread.currentThread();
        this.backend = backend;
        this.model = model;
    }

    /** Opens a model's folder under the folder's name, as {@link #open(Path, String, BackendChoice)} does. */
    public static PictureEngine open(Path folder, BackendChoice choice) throws EngineException {
        Path last = folder.toAbsolutePath().normalize().getFileName();
        return open(folder, last == null ? folder.toString() : last.toString(), choice);
    }

    /**
     * Opens a model's folder and returns when it can draw.
     *
     * @param name what people call it; its pictures say so
     * @throws EngineException when it holds no model of pictures that this machine can run
     */
    public static PictureEngine open(Path folder, String name, BackendChoice choice) throws EngineException {
        ExecutorService thread = Executors.newSingleThreadExecutor(
                work -> Thread.ofPlatform().name("atelier-pictures").daemon().unstarted(work));
        Future<PictureEngine> opened = thread.submit(() -> {
            Backend backend = Backends.of(choice);
            try {
                return new PictureEngine(thread, backend, model(folder, name, backend));
            } catch (EngineException | RuntimeException e) {
                backend.close();
                throw e;
            }
        });
        try {
            return opened.get();
        } catch (InterruptedException e) {
            thread.shutdown();
            Thread.currentThread().interrupt();
            throw new EngineException(Reason.CLOSED, "Opening " + folder + " was given up.", e);
        } catch (ExecutionException e) {
            thread.shutdown();
            if (e.getCause() instanceof EngineException known) {
                throw known;
            }
            throw new EngineException(
                    Reason.INTERNAL, "The model in " + folder + " can't be opened: " + e.getCause() + ".", e);
        }
    }

    /** Whether a folder looks like a model of pictures; it is not checked. */
    public static boolean recognizes(Path folder) {
        try {
            return Files.isRegularFile(folder.resolve("model_index.json"))
                    || KNOWN_TYPES.contains(ModelConfig.inFolder(folder).text("model_type", ""));
        } catch (EngineException e) {
            return false;
        }
    }

    private static final List<String> JANUS_TYPES = List.of("multi_modality", "janus");
    private static final List<String> KNOWN_TYPES = List.of("multi_modality", "janus", "mosaic");

    /**
     * Checks a folder that {@link #recognizes} knows as {@link #open} does, every file, tensor and size; of a Janus neither
     * the tokenizer nor this machine's memory is looked at, because it may be on its way to something smaller.
     *
     * @throws EngineException when it is no model that Atelier can run
     */
    public static void check(Path folder) throws EngineException {
        try (Backend backend = Backends.of(BackendChoice.SCALAR)) {
            boolean single = !Files.isRegularFile(folder.resolve("model_index.json"));
            if (single && JANUS_TYPES.contains(ModelConfig.inFolder(folder).text("model_type", ""))) {
                JanusModel.check(folder, backend);
            } else {
                model(folder, "", backend).close();
            }
        }
    }

    private static PictureModel model(Path folder, String name, Backend backend) throws EngineException {
        if (!Files.isDirectory(folder)) {
            throw new EngineException(
                    Reason.MODEL_FOLDER_INCOMPLETE, "There is no folder " + folder + "; choose a model's folder.");
        }
        if (Files.isRegularFile(folder.resolve("model_index.json"))) {
            return FluxModel.open(folder, name, backend);
        }
        String type = ModelConfig.inFolder(folder).text("model_type", "");
        return switch (type) {
            case "multi_modality", "janus" -> JanusModel.open(folder, name, backend);
            case "mosaic" -> MosaicModel.open(folder, name, backend);
            default ->
                throw new EngineException(
                        Reason.ARCHITECTURE_UNKNOWN,
                        "The model in " + folder + " is of the type \"" + type
                                + "\", which makes no pictures; Janus and FLUX.2 models do.");
        };
    }

    public PictureModelInfo info() {
        return model.info();
    }

    /**
     * Asks for a picture; it is begun when those asked for before are done.
     *
     * @param sink told every {@link PictureEvent} on the engine's thread, and therefore quick
     */
    public PictureTask draw(PictureRequest request, Consumer<PictureEvent> sink) {
        return order(
                task -> sink.accept(outcome(() -> drawn(request, task, sink))),
                closed -> sink.accept(new PictureEvent.Failed(closed)));
    }

    /**
     * Has the model look at a picture and answer a question about it; only some can.
     *
     * @param mostTokens longest answer
     * @param sink told every {@link DescriptionEvent} on the engine's thread, and therefore quick
     */
    public PictureTask describe(Picture picture, String question, int mostTokens, Consumer<DescriptionEvent> sink) {
        return order(
                task -> {
                    PictureEvent last = outcome(() -> {
                        Consumer<String> pieces = text -> tell(text, sink);
                        model.describe(picture, question, mostTokens, pieces, new Pulse(task, _ -> {}));
                        return new PictureEvent.Progress(1, Optional.empty());
                    });
                    sink.accept(
                            last instanceof PictureEvent.Failed(EngineException cause)
                                    ? new DescriptionEvent.Failed(cause)
                                    : new DescriptionEvent.Finished(last instanceof PictureEvent.Cancelled));
                },
                closed -> sink.accept(new DescriptionEvent.Failed(closed)));
    }

    private static void tell(String text, Consumer<DescriptionEvent> sink) {
        if (!text.isEmpty()) {
            sink.accept(new DescriptionEvent.Text(text));
        }
    }

    /** Has work done on the thread, or says why there can be none. */
    private PictureTask order(Consumer<PictureTask> work, Consumer<EngineException> refused) {
        PictureTask task = new PictureTask();
        tasks.add(task);
        try {
            thread.execute(() -> {
                try {
                    work.accept(task);
                } finally {
                    tasks.remove(task);
                }
            });
        } catch (RejectedExecutionException e) {
            tasks.remove(task);
            refused.accept(new EngineException(
                    Reason.CLOSED, "The model was unloaded before it could begin; load it again.", e));
        }
        return task;
    }

    /** Work that ends in an event. */
    @FunctionalInterface
    private interface Work {
        PictureEvent done() throws EngineException, IOException;
    }

    /** What came of it, whatever went wrong. */
    private static PictureEvent outcome(Work work) {
        try {
            return work.done();
        } catch (Pulse.Stopped e) {
            return new PictureEvent.Cancelled(Optional.empty());
        } catch (EngineException e) {
            return new PictureEvent.Failed(e);
        } catch (IOException e) {
            return new PictureEvent.Failed(new EngineException(
                    Reason.REQUEST_UNSUPPORTED, "The numbers can't be written: " + e.getMessage() + ".", e));
        } catch (IllegalArgumentException e) {
            return new PictureEvent.Failed(new EngineException(Reason.REQUEST_UNSUPPORTED, e.getMessage() + ".", e));
        } catch (OutOfMemoryError e) {
            return new PictureEvent.Failed(
                    new EngineException(Reason.MEMORY_TOO_SMALL, "The memory is full; ask for a smaller picture.", e));
        } catch (RuntimeException | StackOverflowError e) {
            return new PictureEvent.Failed(
                    new EngineException(Reason.INTERNAL, "The picture can't be made: " + e + ".", e));
        }
    }

    private PictureEvent drawn(PictureRequest request, PictureTask task, Consumer<PictureEvent> sink)
            throws EngineException, IOException {
        long began = System.nanoTime();
        // Seeds a person can read out and type again.
        long seed = request.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong(1L << 31));
        Trace trace = request.trace().isPresent() ? Trace.keeping() : Trace.none();
        Pulse pulse = new Pulse(task, done -> sink.accept(new PictureEvent.Progress(done, Optional.empty())));
        Drawing drawing = model.begin(request, seed, trace, pulse);
        pulse.follow(drawing::done);
        Optional<Picture> picture = finished(drawing, task, sink);
        if (picture.isEmpty()) {
            pulse.rest();
            return new PictureEvent.Cancelled(drawing.partial().map(partial -> file(partial, drawing.provenance())));
        }
        PictureFile file = file(picture.get(), drawing.provenance());
        if (request.trace().isPresent()) {
            trace.write(request.trace().get());
        }
        return new PictureEvent.Finished(file, (System.nanoTime() - began) / 1e9);
    }

    /** Empty when it was stopped on the way. */
    private static Optional<Picture> finished(Drawing drawing, PictureTask task, Consumer<PictureEvent> sink)
            throws EngineException {
        try {
            boolean more = true;
            while (more) {
                if (task.cancelled()) {
                    return Optional.empty();
                }
                more = drawing.step();
                sink.accept(new PictureEvent.Progress(drawing.done(), drawing.glimpse()));
            }
            return Optional.of(drawing.picture());
        } catch (Pulse.Stopped e) {
            return Optional.empty();
        }
    }

    private static PictureFile file(Picture picture, Provenance p) {
        List<String> colours = Colours.measure(picture, COLOURS).stream()
                .map(measured -> Colours.hex(measured.rgb()))
                .toList();
        return new PictureFile(
                picture,
                Optional.of(new Provenance(
                        p.prompt(),
                        p.model(),
                        p.seed(),
                        picture.width(),
                        picture.height(),
                        p.steps(),
                        p.guidance(),
                        p.parent(),
                        p.edits(),
                        p.alpha(),
                        colours,
                        p.plan())));
    }

    /**
     * Stops what is being drawn and gives the memory back; returns when that is done, or at once when called from an
     * event.
     */
    @Override
    public void close() {
        tasks.forEach(PictureTask::cancel);
        try {
            thread.submit(() -> {
                model.close();
                backend.close();
            });
        } catch (RejectedExecutionException e) {
            return;
        }
        if (Thread.currentThread() == owner) {
            thread.shutdown();
        } else {
            thread.close();
        }
    }
}
