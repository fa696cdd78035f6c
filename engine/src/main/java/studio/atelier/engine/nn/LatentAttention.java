package studio.atelier.engine.nn;

import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.cache.LayerCache;
import studio.atelier.engine.tensor.Attending;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.LatentUp;
import studio.atelier.engine.tensor.Rope;
import studio.atelier.engine.tensor.RowOperations;
import studio.atelier.engine.tensor.Tensor;

/**
 * Multi-head latent attention (DeepSeek-V2, 2405.04434 section 2.1). The cache holds one latent and one rotary key per
 * position, shared by all heads.
 *
 * <p>With few new positions the queries are brought to the latent space (the absorbed form of appendix C); with many it
 * costs less to expand keys and values, a tile of positions at a time. Both give the same numbers up to rounding.
 *
 * @param queries from x to {@code [L, H * (Dn + Dr)]}
 * @param down from x to the latent and the rotary key, {@code [L, R + Dr]}
 * @param latentNorm over R
 * @param up from the latent to each head's key and value
 * @param rule who may look at whom; its scale has YaRN's share
 */
public record LatentAttention(
        Backend backend,
        FeedForward queries,
        Linear down,
        RmsNorm latentNorm,
        LatentUp up,
        Linear output,
        Rope rope,
        Attending rule)
        implements Attention {
    @Override
    public Tensor apply(Tensor x, Batch batch, int layer) {
        int length = x.shape().axis(0);
        int heads = up.values().size();
        int keySize = up.keySize();
        int rank = up.values().columns();
        Tensor q = queries.apply(x).reshape(length, heads, keySize + rope.size()); // [L, H, Dn + Dr]
        Tensor contentQuery = backend.columns(q, 0, keySize); // [L, H, Dn]
        Tensor ropeQuery = backend.columns(q, keySize, keySize + rope.size()); // [L, H, Dr]
        Tensor compressed = down.apply(x); // [L, R + Dr]
        Tensor latent = latentNorm.apply(backend.columns(compressed, 0, rank)); // [L, R]
        Tensor ropeKey = backend.columns(compressed, rank, rank + rope.size()); // [L, Dr]
        Tensor mixed = batch.texts() == 1
                ? attend(contentQuery, ropeQuery, latent, ropeKey, batch, layer)
                : attendEach(contentQuery, ropeQuery, latent, ropeKey, batch, layer);
        return output.apply(mixed.reshape(length, heads * up.valueSize())); // [L, E]
    }

    @Override
    public void remember(Tensor x, Batch batch, int layer) {
        if (batch.texts() > 1) {
            throw new IllegalArgumentException("texts: expected one to remember, got " + batch.texts());
        }
        int rank = up.values().columns();
        Tensor compressed = down.apply(x); // [L, R + Dr]
        Tensor latent = latentNorm.apply(backend.columns(compressed, 0, rank)); // [L, R]
        Tensor ropeKey = backend.columns(compressed, rank, rank + rope.size()); // [L, Dr]
        backend.rotate(ropeKey, rope, batch.position(0));
        batch.layer(0, layer).store(latent, ropeKey, batch.position(0));
    }

    private Tensor attend(
            Tensor contentQuery, Tensor ropeQuery, Tensor latent, Tensor ropeKey, Batch batch, int layer) {
        LayerCache cache = batch.layer(0, layer);
        int first = batch.position(0);
        store(ropeQuery, latent, ropeKey, cache, first);
        if (contentQuery.shape().axis(0) >= backend.expandsLatentsFrom(up, rope.size())) {
            return backend.attendExpanded(contentQuery, ropeQuery, cache.first(), cache.second(), up, rule, first);
        }
        Tensor latentQuery = toLatent(contentQuery);
        Tensor latentMix =
                backend.attendLatent(latentQuery, ropeQuery, cache.first(), cache.second(), rule, first); // [L, H, R]
        return backend.multiplyEach(up.values(), latentMix); // [L, H, Dv]
    }

    private Tensor attendEach(
            Tensor contentQuery, Tensor ropeQuery, Tensor latent, Tensor ropeKey, Batch batch, int layer) {
        RowOperations rows = backend.rowOperations().orElseThrow();
        Tensor latentQuery = toLatent(contentQuery);
        List<Tensor> mixed = new ArrayList<>(batch.texts());
        for (int text = 0; text < batch.texts(); text++) {
            int from = batch.start(text);
            int to = batch.start(text + 1);
            LayerCache cache = batch.layer(text, layer);
            Tensor turned = rows.rows(ropeQuery, from, to);
            int first = batch.position(text);
            store(turned, rows.rows(latent, from, to), rows.rows(ropeKey, from, to), cache, first);
            mixed.add(backend.attendLatent(
                    rows.rows(latentQuery, from, to), turned, cache.first(), cache.second(), rule, first));
        }
        return backend.multiplyEach(up.values(), rows.stack(mixed)); // [L, H, Dv]
    }

    private Tensor toLatent(Tensor contentQuery) {
        return up.keysTransposed()
                ? backend.multiplyEach(up.keys(), contentQuery)
                : backend.multiplyEachTransposed(up.keys(), contentQuery); // [L, H, R]
    }

    /** Turns queries and keys and stores the new positions. */
    private void store(Tensor ropeQuery, Tensor latent, Tensor ropeKey, LayerCache cache, int position) {
        backend.rotate(ropeQuery, rope, position);
        backend.rotate(ropeKey, rope, position);
        cache.store(latent, ropeKey, position);
    }
}
