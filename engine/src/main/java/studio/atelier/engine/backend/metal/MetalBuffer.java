package studio.atelier.engine.backend.metal;

import studio.atelier.engine.tensor.Buffer;
import studio.atelier.engine.tensor.Tensor;

/** A tensor's numbers: the value that they are now. An operation in place makes it another one. */
final class MetalBuffer implements Buffer {
    private final RecordingBackend backend;
    private Value value;

    MetalBuffer(RecordingBackend backend, Value value) {
        this.backend = backend;
        this.value = value;
    }

    /** The buffer under a tensor of this backend. */
    static MetalBuffer of(Tensor tensor) {
        if (tensor.buffer() instanceof MetalBuffer buffer) {
            return buffer;
        }
        throw new IllegalArgumentException(
                "tensor: expected one of the GPU, got " + tensor.buffer().getClass());
    }

    static Input input(Tensor tensor) {
        return new Input(of(tensor).value, tensor.shape());
    }

    /** A lasting tensor as an operand. */
    static Operand numbers(Tensor tensor) {
        return new Operand.Numbers(of(tensor).value, 0, false);
    }

    Value value() {
        return value;
    }

    void replace(Value next) {
        value = next;
    }

    @Override
    public int capacity() {
        return value.size;
    }

    @Override
    public int elementBytes() {
        return value.elementBytes();
    }

    @Override
    public void read(float[] target, int count) {
        backend.read(value, target, count);
    }
}
