package studio.atelier.engine.backend.metal;

import studio.atelier.engine.tensor.Shape;

/** A value as an operation sees it: under the axes that its tensor had. */
record Input(Value value, Shape shape) {
    int rows() {
        return shape.rows();
    }

    int width() {
        return shape.width();
    }
}
