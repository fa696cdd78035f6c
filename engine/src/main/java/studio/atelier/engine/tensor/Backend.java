package studio.atelier.engine.tensor;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.EngineException;

/**
 * The vocabulary of operations that every processor speaks, coarse enough that a GPU can do each in one kernel.
 *
 * <p>All of it belongs to the engine thread. Results are new tensors of the open {@link Pass} unless an operation says
 * that it works in place. Dimension letters: L new positions, T cached positions, H and K query and KV heads, D head
 * size, E model size, F ffn size, V vocabulary, X experts, R latent rank.
 */
public interface Backend extends AutoCloseable {
    /** For people: what computes. */
    String description();

    /**
     * Told once per file whose weights this backend will compute with, before the first operation.
     *
     * @param tensorsOfFile the mapped bytes of all tensors of one file
     * @throws EngineException when they don't fit
     */
    default void adopt(List<MemorySegment> tensorsOfFile) throws EngineException {}

    /** Why it computes with less than it was made for, in a sentence; empty while all is well. */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /** Begins a pass; the caller closes it. */
    Pass beginPass();

    /** Begins a part of a pass, which {@link #endPart} ends; parts don't lie in each other. */
    default void beginPart() {}

    /**
     * Ends a part: of the tensors that were made in it only its result is asked for from now on, and the memory of the
     * others may serve what comes next.
     *
     * @return the result
     */
    default Tensor endPart(Tensor result) {
        return result;
    }

    /** A tensor of zeros that outlives passes; garbage-collected or freed with the backend. */
    Tensor allocateLasting(Shape shape);

    /** As {@link #allocateLasting} for what attention reads again for every token; it may be kept in fewer bits. */
    default Tensor allocateCache(Shape shape) {
        return allocateLasting(shape);
    }

    /** A lasting tensor with these elements. */
    Tensor upload(Shape shape, float[] elements);

    /** A tensor {@code [rows, width]} of this pass, with the elements from {@code at} on. */
    default Tensor bring(float[] elements, int at, int rows, int width) {
        return upload(Shape.of(rows, width), Arrays.copyOfRange(elements, at, at + rows * width));
    }

    /** Rows of a table {@code [V, E]} for these tokens: {@code [L, E]}. */
    Tensor gather(Weight table, int[] rows);

    /** {@code y = x Wᵀ (+ bias)}: {@code [.., in]} to {@code [.., out]}. */
    Tensor multiply(Weight weight, Tensor x, Optional<Tensor> bias);

    /** Each head by its own matrix, {@code y_h = x_h W_hᵀ}: {@code [L, H, in]} to {@code [L, H, out]}. */
    Tensor multiplyEach(WeightStack weights, Tensor x);

    /** Each head by its own matrix the other way round, {@code y_h = x_h W_h}: {@code [L, H, out]} to {@code [L, H, in]}. */
    Tensor multiplyEachTransposed(WeightStack weights, Tensor x);

    /** {@code x / sqrt(mean(x²) + epsilon) · weight} over the last axis. */
    Tensor rmsNorm(Tensor x, Tensor weight, float epsilon);

    /** {@code a + b}. */
    Tensor add(Tensor a, Tensor b);

    /** Gate and up projections become one, elementwise. */
    Tensor gate(Gating gating, Tensor gate, Tensor up);

    /** Columns {@code [from, to)} of the last axis. */
    Tensor columns(Tensor x, int from, int to);

    /** The two laid side by side on the last axis. */
    Tensor concatenate(Tensor left, Tensor right);

    /** The last {@code count} rows along the first axis. */
    Tensor lastRows(Tensor x, int count);

    /** Turns {@code [L, H, D]} by positions {@code firstPosition ..}; elements behind {@code rope.size()} stay. In place. */
    void rotate(Tensor x, Rope rope, int firstPosition);

    /** Writes {@code x [L, ..]} into rows {@code firstRow ..} of a lasting {@code target [T, ..]}. */
    void store(Tensor x, Tensor target, int firstRow);

    /**
     * Causal attention with grouped heads.
     *
     * @param queries {@code [L, H, D]}
     * @param keys lasting, {@code [T, K, D]}; rows up to {@code firstPosition + L} are filled
     * @param values as {@code keys}
     * @param sinks {@code [H]}: a logit per head that takes part in the softmax and carries no value
     * @param firstPosition position of the first query; query {@code i} sees cached positions up to {@code firstPosition + i}
     * @return {@code [L, H, D]}
     */
    Tensor attend(
            Tensor queries, Tensor keys, Tensor values, Optional<Tensor> sinks, Attending rule, int firstPosition);

    /**
     * Latent attention, absorbed: queries were brought to the latent space, and what comes back is latent too.
     *
     * @param latentQueries {@code [L, H, R]}
     * @param ropeQueries {@code [L, H, Dr]}
     * @param latents lasting, {@code [T, R]}
     * @param ropeKeys lasting, {@code [T, Dr]}
     * @param firstPosition position of the first query
     * @return {@code [L, H, R]}
     */
    Tensor attendLatent(
            Tensor latentQueries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            Attending rule,
            int firstPosition);

    /**
     * Latent attention, expanded tile by tile: keys and values of a few cached positions at a time, never of all.
     *
     * @param queries {@code [L, H, Dn]}
     * @param ropeQueries {@code [L, H, Dr]}
     * @param latents lasting, {@code [T, R]}
     * @param ropeKeys lasting, {@code [T, Dr]}
     * @param up from a latent to each head's key and value
     * @param firstPosition position of the first query
     * @return {@code [L, H, Dv]}
     */
    Tensor attendExpanded(
            Tensor queries,
            Tensor ropeQueries,
            Tensor latents,
            Tensor ropeKeys,
            LatentUp up,
            Attending rule,
            int firstPosition);

    /**
     * From how many new positions on {@link #attendExpanded} costs less here than {@link #attendLatent}: per cached
     * position it costs {@code R (Dn + Dv)} once and then {@code Dn + Dr + Dv} instead of {@code 2 R + Dr} for each new one.
     */
    default int expandsLatentsFrom(LatentUp up, int ropeSize) {
        return 128;
    }

    /**
     * Chooses experts from router logits {@code [L, X]}.
     *
     * @param bias {@code [X]}, added for choosing only
     */
    Routing route(Tensor logits, Optional<Tensor> bias, RouterRule rule);

    /** Sum over the chosen experts of share · expert(x): {@code [L, E]}. */
    Tensor mixExperts(Tensor x, Routing routing, ExpertWeights experts);

    /** Whether rows of caches can be read back and stored again, so that they outlive the program. */
    default boolean keepsCaches() {
        return false;
    }

    /**
     * The largest numbers of one row of logits, the largest first and of equals the earlier: {@code [2, count]}, the numbers
     * above the columns they come from.
     *
     * @param count 1 to {@link Best#MOST}
     */
    default Tensor best(Tensor row, int count) {
        float[] numbers = new float[row.shape().size()];
        row.copyTo(numbers);
        return upload(Shape.of(2, count), Best.of(numbers, count));
    }

    /** Whether {@link #best} spares bringing the row over from another processor's hands. */
    default boolean choosesBest() {
        return false;
    }

    /**
     * Computes the last pass that was recorded for this text once more, with another token at another position; where a
     * processor keeps its commands, this spares recording and planning them. When it can't, the pass that follows is the
     * one that is kept.
     *
     * @param text whose pass it is: its identity counts
     * @param token what is gathered now; the kept pass gathered one token
     * @param target receives what was read from the kept pass
     * @return false when the pass must be recorded: nothing was computed that counts
     */
    default boolean again(Object text, int token, int position, float[] target) {
        return false;
    }

    /** Cutting and joining, where this processor has it: several texts can then go through a model together. */
    default Optional<RowOperations> rowOperations() {
        return Optional.empty();
    }

    /** The operations of models of pictures, where this processor has them. */
    default Optional<PictureOperations> pictures() {
        return Optional.empty();
    }

    @Override
    void close();
}
