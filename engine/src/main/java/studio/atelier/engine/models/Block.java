package studio.atelier.engine.models;

import studio.atelier.engine.cache.Batch;
import studio.atelier.engine.nn.Attention;
import studio.atelier.engine.nn.FeedForward;
import studio.atelier.engine.nn.RmsNorm;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.Tensor;

/** A pre-norm transformer block: {@code x += attention(norm(x)); x += feedForward(norm(x))}. */
record Block(
        Backend backend, RmsNorm attentionNorm, Attention attention, RmsNorm feedForwardNorm, FeedForward feedForward) {
    Tensor forward(Tensor x, Batch batch, int layer) {
        backend.beginPart();
        Tensor attended = backend.endPart(backend.add(x, attention.apply(attentionNorm.apply(x), batch, layer)));
        backend.beginPart();
        return backend.endPart(backend.add(attended, feedForward.apply(feedForwardNorm.apply(attended))));
    }

    /** Only lets the block's attention remember rows whose result nobody needs. */
    void remember(Tensor x, Batch batch, int layer) {
        attention.remember(attentionNorm.apply(x), batch, layer);
    }
}
