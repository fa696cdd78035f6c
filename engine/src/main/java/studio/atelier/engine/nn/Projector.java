package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Activation;
import studio.atelier.engine.tensor.PictureOperations;
import studio.atelier.engine.tensor.Tensor;

/** Two linear layers with an activation between: {@code [.., in]} to {@code [.., out]}. */
public record Projector(PictureOperations pictures, Linear first, Activation between, Linear second) {
    public Tensor apply(Tensor x) {
        return second.apply(pictures.activate(first.apply(x), between));
    }
}
