package studio.atelier.engine.generate;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.KvCache;
import studio.atelier.engine.cache.StoppedException;
import studio.atelier.engine.models.CausalModel;

/** Reads a token behind each of several timelines of one model in one pass. Belongs to the engine thread. */
public final class Together {
    private static final float[] NOTHING = {};

    private final CausalModel model;
    private final List<KvCache> caches = new ArrayList<>();
    private float[] logits = {};
    private float[] hidden = {};

    public Together(CausalModel model) {
        this.model = model;
    }

    /** Whether the model can. */
    public boolean isPossible() {
        return model.readsTogether();
    }

    /**
     * Reads; the logits of each timeline are then those behind its token, exactly what they would be alone.
     *
     * @param tokens one for each timeline
     * @throws StoppedException when nobody wants any of them; all are as they were
     */
    public void read(List<Timeline> timelines, int[] tokens) {
        boolean keepsHidden = false;
        caches.clear();
        for (Timeline each : timelines) {
            each.requireRoom(1);
            caches.add(each.cache());
            keepsHidden |= each.keepsHidden();
        }
        int size = model.vocabularySize();
        int hiddenSize = keepsHidden ? model.drafter().orElseThrow().hiddenSize() : 0;
        logits = grown(logits, tokens.length * size);
        hidden = grown(hidden, tokens.length * hiddenSize);
        try {
            model.forwardTogether(tokens, Batch.ofEach(caches), logits, keepsHidden ? hidden : NOTHING);
        } catch (StoppedException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            // What the layers hold may differ now; nothing of it may be reused.
            timelines.forEach(Timeline::reset);
            throw e;
        } finally {
            caches.clear();
        }
        for (int i = 0; i < tokens.length; i++) {
            timelines.get(i).accept(tokens[i], logits, i * size, hidden, i * hiddenSize);
        }
    }

    private static float[] grown(float[] array, int floats) {
        return array.length >= floats ? array : new float[floats];
    }
}
