package studio.atelier.engine.golden;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteOrder;
import java.nio.file.Path;
import studio.atelier.engine.EngineException;
import studio.atelier.engine.weights.ModelConfig;
import studio.atelier.engine.weights.Safetensors;
import studio.atelier.engine.weights.StoredTensor;

/** Numbers that reference implementations computed, from the test resources. */
public record GoldenFile(Safetensors file) implements AutoCloseable {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A folder or file below {@code golden/}. */
    public static Path path(String name) {
        URL url = GoldenFile.class.getResource("/golden/" + name);
        if (url == null) {
            throw new IllegalArgumentException("golden: there is no " + name);
        }
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** A file of settings. */
    public static ModelConfig config(String name) throws EngineException {
        return ModelConfig.read(path(name));
    }

    public static GoldenFile open(String name) throws EngineException {
        return new GoldenFile(Safetensors.open(path(name)));
    }

    public boolean has(String tensor) {
        return file.tensors().containsKey(tensor);
    }

    public StoredTensor tensor(String name) {
        StoredTensor tensor = file.tensors().get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("golden: there is no tensor " + name);
        }
        return tensor;
    }

    public float[] floats(String name) {
        MemorySegment bytes = tensor(name).bytes();
        float[] numbers = new float[Math.toIntExact(tensor(name).count())];
        MemorySegment.copy(bytes, FLOAT, 0, numbers, 0, numbers.length);
        return numbers;
    }

    public int[] ints(String name) {
        StoredTensor tensor = tensor(name);
        int[] numbers = new int[Math.toIntExact(tensor.count())];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = tensor.dtype().sizeBytes() == 8
                    ? Math.toIntExact(tensor.bytes().get(LONG, 8L * i))
                    : tensor.bytes().get(INT, 4L * i);
        }
        return numbers;
    }

    @Override
    public void close() {
        file.close();
    }
}
