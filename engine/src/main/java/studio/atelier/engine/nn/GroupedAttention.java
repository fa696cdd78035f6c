package studio.atelier.engine.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RowOperations;
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
 * @param rule who may look at whom
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
        Attending rule)
        implements Attention {
    @Override
    public Tensor apply(Tensor x, Batch batch, int layer) {
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
        Tensor mixed =
                batch.texts() == 1 ? attend(q, k, v, batch, layer, 0) : attendEach(q, k, v, batch, layer); // [L, H, D]
        return output.apply(mixed.reshape(length, heads * headSize)); // [L, E]
    }

    private Tensor attendEach(Tensor q, Tensor k, Tensor v, Batch batch, int layer) {
        RowOperations rows = backend.rowOperations().orElseThrow();
        List<Tensor> mixed = new ArrayList<>(batch.texts());
        for (int text = 0; text < batch.texts(); text++) {
            int from = batch.start(text);
            int to = batch.start(text + 1);
            mixed.add(
                    attend(rows.rows(q, from, to), rows.rows(k, from, to), rows.rows(v, from, to), batch, layer, text));
        }
        return rows.stack(mixed);
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, Batch batch, int layer, int text) {
        LayerCache cache = batch.layer(text, layer);
        int position = batch.position(text);
        backend.rotate(q, rope, position);
        backend.rotate(k, rope, position);
        cache.store(k, v, position);
        return backend.attend(q, cache.first(), cache.second(), sinks, rule, position);
    }
}
