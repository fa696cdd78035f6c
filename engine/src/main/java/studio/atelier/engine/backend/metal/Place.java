package studio.atelier.engine.backend.metal;

/**
 * Where rows lie inside a value: columns and last rows of something are looked at, not copied.
 *
 * @param value what has the memory
 * @param firstElement where row 0 begins
 * @param stride from one row to the next, in elements
 * @param width elements of a row
 */
record Place(Value value, long firstElement, int stride, int width) {
    boolean dense() {
        return stride == width;
    }

    Operand.Numbers operand() {
        return new Operand.Numbers(value, firstElement, false);
    }
}
