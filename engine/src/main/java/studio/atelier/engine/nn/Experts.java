package studio.atelier.engine.nn;

import java.util.Optional;
import studio.atelier.engine.tensor.Backend;
import studio.atelier.engine.tensor.ExpertWeights;
import studio.atelier.engine.tensor.RouterRule;
import studio.atelier.engine.tensor.Routing;
import studio.atelier.engine.tensor.Tensor;

/**
 * A mixture of experts: the router sends each position to a few routed experts; a shared one sees all.
 *
 * @param router {@code [X, E]}
 * @param choiceBias {@code [X]}, moves the choice and never the shares
 * @param shared added as it is
 */
public record Experts(
        Backend backend,
        Linear router,
        Optional<Tensor> choiceBias,
        RouterRule rule,
        ExpertWeights routed,
        Optional<SwiGlu> shared)
        implements FeedForward {
    @Override
    public Tensor apply(Tensor x) {
        Routing routing = backend.route(router.apply(x), choiceBias, rule);
        Tensor mixed = backend.mixExperts(x, routing, routed); // [L, E]
        return shared.isPresent() ? backend.add(mixed, shared.get().apply(x)) : mixed;
    }
}
