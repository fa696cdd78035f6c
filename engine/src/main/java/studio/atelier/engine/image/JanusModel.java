package studio.atelier.engine.image;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.EngineException.Reason;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.generate.Sampler;
import studio.atelier.engine.loading.Component;
import studio.atelier.engine.models.Janus;
import studio.atelier.engine.models.LogitRows;
import studio.atelier.engine.nn.Modules;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tokenizer.StreamingDecoder;
import studio.atelier.engine.tokenizer.Tokenizer;

/** An open Janus or Janus-Pro. */
final class JanusModel implements PictureModel {
    /** What stands beside pictures that are no squares: the middle of the range that SigLIP is shown. */
    private static final int GREY = 0x7F7F7F;

    private final PictureModelInfo info;
    private final Component component;
    private final Janus janus;
    private final JanusPrompt words;

    private JanusModel(PictureModelInfo info, Component component, Janus janus, JanusPrompt words) {
        this.info = info;
        this.component = component;
        this.janus = janus;
        this.words = words;
    }

    static JanusModel open(Path folder, String name, Backend backend) throws EngineException {
        JanusPrompt words = JanusPrompt.of(Tokenizer.open(folder));
        Component component = Component.open(folder);
        try {
            component.adoptBy(backend);
            Janus janus = Janus.load(component.config(), new Modules(backend, component.weights()));
            component.requireAllUsed("Janus");
            PictureModelInfo info = new PictureModelInfo(name, "Janus", backend.description(), false, false, true);
            return new JanusModel(info, component, janus, words);
        } catch (EngineException | RuntimeException e) {
            component.close();
            throw e;
        }
    }

    /** Refuses a folder that is no whole Janus; the tokenizer is not looked at. */
    static void check(Path folder, Backend backend) throws EngineException {
        try (Component component = Component.look(folder)) {
            Janus.load(component.config(), new Modules(backend, component.weights()));
            component.requireAllUsed("Janus");
        }
    }

    @Override
    public PictureModelInfo info() {
        return info;
    }

    @Override
    public Drawing begin(PictureRequest request, long seed, Trace trace, Pulse pulse) throws EngineException {
        if (request.sources().size() > 1) {
            throw refused("Janus can draw over one picture at a time, not "
                    + request.sources().size());
        }
        if (!request.sources().isEmpty() && request.retouch().isEmpty()) {
            throw refused("Janus was not made to change pictures; give a mask of what it is to draw anew, or a source"
                    + " bias (both are experiments)");
        }
        if (request.background() instanceof Background.Transparent) {
            throw refused("Janus can't draw transparency; leave the background to it");
        }
        if (request.size().isPresent() && !fits(request.size().get())) {
            throw refused("Janus makes pictures of " + janus.pixels() + " × " + janus.pixels() + " only, not "
                    + request.size().get());
        }
        Optional<JanusSource> source = request.retouch()
                .map(retouch ->
                        JanusSource.of(janus, request.sources().getFirst().picture(), retouch, GREY, pulse));
        JanusDrawing drawing = new JanusDrawing(janus, info.name(), words, request, source, seed, trace, pulse);
        int needed = drawing.promptTokens() + janus.grid() * janus.grid();
        if (needed > janus.language().maxPositions()) {
            throw new EngineException(
                    Reason.CONTEXT_TOO_LONG,
                    "The prompt takes " + drawing.promptTokens() + " tokens and the picture "
                            + janus.grid() * janus.grid() + ", more than the model's "
                            + janus.language().maxPositions() + "; shorten the prompt.");
        }
        return drawing;
    }

    @Override
    public void describe(Picture picture, String question, int mostTokens, Consumer<String> pieces, Pulse pulse)
            throws EngineException {
        int[] before = words.beforePicture();
        int[] after = words.afterPicture(question);
        int needed = before.length + janus.seenTokens() + after.length + mostTokens;
        if (needed > janus.language().maxPositions()) {
            throw new EngineException(
                    Reason.CONTEXT_TOO_LONG,
                    "Question, picture and answer take " + needed + " tokens, more than the model's "
                            + janus.language().maxPositions() + "; shorten the question.");
        }
        float[] logits = new float[janus.language().vocabularySize()];
        KvCache cache = janus.language().newCache();
        janus.readPicture(before, Scaling.framed(picture, janus.pixels(), GREY).numbers(), after, cache, logits);
        StreamingDecoder text = words.decoder();
        for (int i = 0; i < mostTokens; i++) {
            int token = Sampler.likeliest(logits);
            if (token == words.end()) {
                break;
            }
            pieces.accept(text.accept(token));
            pulse.beat();
            janus.language().forward(new int[] {token}, cache, LogitRows.LAST, logits);
        }
        pieces.accept(text.flush());
    }

    private boolean fits(PictureSize size) {
        return size.width() == size.height() && (size.ratio() || size.width() == janus.pixels());
    }

    private static EngineException refused(String what) {
        return new EngineException(Reason.REQUEST_UNSUPPORTED, what + ".");
    }

    @Override
    public void close() {
        component.close();
    }
}
