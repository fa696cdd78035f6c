package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.Tensor;

/**
 * Grouped-query attention with rotary positions (Ainslie et al. 2023), with what some architectures add: norms on each
 * head's query and key, a window, sinks.
 *
 * @param heads query heads H
 * @param keyHeads key and value heads K
 * @param headSize D
 * @param queryNorm over D, when the architecture has it
 * @param keyNorm over D, when the architecture has it
 * @param sinks {@code [H]}
 * @param window positions a query sees, itself included; {@link Integer#MAX_VALUE} for all
 */
public record GroupedAttention(
        Backend backend,
        Linear queries,
        Linear keys,
        Linear values,
        Linear output,
        int heads,
        int keyHeads,
        int headSize,
        Rope rope,
        Optional<RmsNorm> queryNorm,
        Optional<RmsNorm> keyNorm,
        Optional<Tensor> sinks,
        int window)
        implements Attention {
    @Override
    public Tensor apply(Tensor x, LayerCache cache, int position) {
        int length = x.shape().axis(0);
        Tensor q = queries.apply(x).reshape(length, heads, headSize); // [L, H, D]
        Tensor k = keys.apply(x).reshape(length, keyHeads, headSize); // [L, K, D]
        Tensor v = values.apply(x).reshape(length, keyHeads, headSize); // [L, K, D]
        if (queryNorm.isPresent()) {
            q = queryNorm.get().apply(q);
        }
        if (keyNorm.isPresent()) {
            k = keyNorm.get().apply(k);
        }
        backend.rotate(q, rope, position);
        backend.rotate(k, rope, position);
        cache.store(k, v, position);
        float scale = (float) (1 / Math.sqrt(headSize));
        Tensor mixed = backend.attend(q, cache.first(), cache.second(), sinks, new Attending(position, window, scale));
        return output.apply(mixed.reshape(length, heads * headSize)); // [L, E]
    }
}
