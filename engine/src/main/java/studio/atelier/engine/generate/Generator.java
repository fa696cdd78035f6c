package studio.atelier.engine.generate;

import java.util.BitSet;
import java.util.Set;

/**
 * One answer, token by token: prefill of what the timeline does not hold yet, then decode.
 *
 * <p>Each {@link #step()} is short, a chunk of the prompt or one token, so that the engine thread can look after several
 * answers in turn and stop any of them between two steps.
 */
public final class Generator {
    /** Prompt tokens per step: enough rows to use each weight many times, few enough to stop soon. */
    private static final int PREFILL_CHUNK_TOKENS = 256;

    private final Timeline timeline;
    private final int[] prompt;
    private final Sampler sampler;
    private final BitSet endTokens = new BitSet();
    private final int maxTokens;

    private int reusedTokens;
    private int readTokens;
    private int writtenTokens;
    private final Speculation speculation;
    private boolean started;
    private int pending = -1;

    /** What one step did. */
    public sealed interface Step {
        /** A chunk of the prompt was read. */
        record Reading(int readTokens, int reusedTokens) implements Step {}

        /** A token was written: {@link Generator#written()}. It carries nothing, so that a token leaves nothing behind. */
        enum Token implements Step {
            WRITTEN
        }

        /** Nothing more will come. */
        record End(Cause cause) implements Step {}
    }

    /** Why nothing more comes. */
    public enum Cause {
        END_TOKEN,
        MAX_TOKENS,
        CONTEXT_FULL
    }

    /**
     * Prepares an answer; nothing is computed yet.
     *
     * @param timeline what was read and written before; only this generator uses it until the answer ends
     * @param prompt at least one token and fewer than the timeline's limit
     * @param sampler chooses the tokens
     * @param endTokens tokens that end the answer
     * @param maxTokens most tokens to write
     */
    public Generator(Timeline timeline, int[] prompt, Sampler sampler, Set<Integer> endTokens, int maxTokens) {
        if (prompt.length == 0 || prompt.length >= timeline.limitTokens()) {
            throw new IllegalArgumentException(
                    "prompt: expected 1 to " + (timeline.limitTokens() - 1) + " tokens, got " + prompt.length);
        }
        this.timeline = timeline;
        this.prompt = prompt;
        this.sampler = sampler;
        for (int token : endTokens) {
            if (token >= 0) {
                this.endTokens.set(token);
            }
        }
        this.maxTokens = maxTokens;
        this.speculation = new Speculation(timeline, sampler);
    }

    /** Does the next piece of work. Not to be called again after an {@link Step.End}. */
    public Step step() {
        if (!started) {
            start();
            return new Step.Reading(readTokens, reusedTokens);
        }
        if (readTokens < prompt.length) {
            return read();
        }
        return write();
    }

    private void start() {
        started = true;
        reusedTokens = timeline.reuse(prompt);
        readTokens = reusedTokens;
        for (int token : prompt) {
            sampler.acceptPrompt(token);
        }
    }

    private Step read() {
        int end = Math.min(prompt.length, readTokens + PREFILL_CHUNK_TOKENS);
        if (end == prompt.length) {
            pending = timeline.choose(prompt, readTokens, end, sampler);
        } else {
            timeline.extend(prompt, readTokens, end);
        }
        readTokens = end;
        return new Step.Reading(readTokens, reusedTokens);
    }

    /** Whether the prompt is not read yet. */
    public boolean reads() {
        return readTokens < prompt.length;
    }

    /** The token that the last step wrote; only after a {@link Step.Token}. */
    public int written() {
        return pending;
    }

    /** What was read and written so far. */
    public Timeline timeline() {
        return timeline;
    }

    /**
     * The token that has to be read before the next can be chosen, when that takes a pass; -1 when {@link #step()} takes
     * none or reads the prompt.
     */
    public int awaited() {
        boolean atLimit = writtenTokens >= maxTokens || timeline.length() >= timeline.limitTokens();
        return reads() || writtenTokens == 0 || atLimit || speculation.holdsDraft() ? -1 : pending;
    }

    /** Goes on after {@link #awaited()} was read into the timeline by someone else. */
    public Step stepAfterReading() {
        speculation.passedBy();
        pending = sampler.next(timeline.logits());
        return give();
    }

    /** Gives the token that was chosen last; the one after it is chosen when it is asked for. */
    private Step write() {
        if (writtenTokens > 0) {
            if (writtenTokens >= maxTokens) {
                return new Step.End(Cause.MAX_TOKENS);
            }
            if (timeline.length() >= timeline.limitTokens()) {
                return new Step.End(Cause.CONTEXT_FULL);
            }
            int room = timeline.limitTokens() - timeline.length() - 1;
            pending = speculation.next(pending, Math.min(maxTokens - writtenTokens - 1, room));
        }
        return give();
    }

    private Step give() {
        if (endTokens.get(pending)) {
            speculation.end();
            return new Step.End(Cause.END_TOKEN);
        }
        sampler.acceptWritten(pending);
        writtenTokens++;
        return Step.Token.WRITTEN;
    }

    /** Passes through the model so far, without those that read the prompt. */
    public int passes() {
        return speculation.passes();
    }

    /** Tokens that were guessed ahead so far. */
    public int draftedTokens() {
        return speculation.draftedTokens();
    }

    /** Those of them that were right. */
    public int acceptedTokens() {
        return speculation.acceptedTokens();
    }
}
