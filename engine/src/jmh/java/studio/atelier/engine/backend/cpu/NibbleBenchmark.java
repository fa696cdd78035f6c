package studio.atelier.engine.backend.cpu;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/** 4-bit weights of 2048 columns times one or more tokens, by each kind of kernel; 64 rows at a time as the backend does. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector"})
public class NibbleBenchmark {
    private static final int COLUMNS = 2048;
    private static final int CHUNK_ROWS = 64;

    /** 2048 rows stay in the cache, 65536 do not. */
    @Param({"2048", "65536"})
    public int rows;

    @Param({"1", "2", "8", "64"})
    public int tokens;

    private final Activations coded = new Activations();
    private final float[] room = new float[COLUMNS];
    private NibbleKernels emitted;
    private NibbleKernels vector;
    private Kernels floats;
    private Weight weight;
    private float[] x;
    private float[] y;

    /** Makes random weights and activations. */
    @Setup
    public void prepare() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        int groups = COLUMNS / 64;
        MemorySegment codes = Arena.ofAuto().allocate((long) rows * COLUMNS / 2, 64);
        for (long at = 0; at < codes.byteSize(); at += 8) {
            codes.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        MemorySegment scales = Arena.ofAuto().allocate(2L * rows * groups, 64);
        for (long i = 0; i < (long) rows * groups; i++) {
            scales.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) 0x3C12);
        }
        weight = new Weight(
                "weight",
                rows,
                COLUMNS,
                new QuantFormat.Affine(4, 64, DType.BF16),
                new Plane(codes, COLUMNS / 2),
                new Plane(scales, 2L * groups),
                new Plane(scales, 2L * groups),
                0);
        x = new float[tokens * COLUMNS];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        y = new float[tokens * rows];
        emitted = new EmittedNibbles(EmittedKernels.ofThisMachine(), 1);
        vector = new VectorNibbles(1);
        floats = new VectorKernels();
        codeActivations();
    }

    /** Coding the activations alone. */
    @Benchmark
    public void codeActivations() {
        coded.shape(tokens, COLUMNS);
        for (int t = 0; t < tokens; t++) {
            emitted.code(coded, t, 0, COLUMNS / 64, x, t * COLUMNS, 0);
        }
    }

    /** The emitted kernels. */
    @Benchmark
    public void emitted() {
        for (int row = 0; row < rows; row += CHUNK_ROWS) {
            emitted.multiply(weight, row, row + CHUNK_ROWS, coded, 0, 1, tokens, y, 0, rows, 0);
        }
    }

    /** The Vector API with activations of 8 bits. */
    @Benchmark
    public void vectorNibbles() {
        for (int row = 0; row < rows; row += CHUNK_ROWS) {
            vector.multiply(weight, row, row + CHUNK_ROWS, coded, 0, 1, tokens, y, 0, rows, 0);
        }
    }

    /** The Vector API with floats. */
    @Benchmark
    public void vectorFloats() {
        for (int row = 0; row < rows; row += CHUNK_ROWS) {
            floats.multiply(weight, row, row + CHUNK_ROWS, x, 0, COLUMNS, tokens, y, 0, rows, room);
        }
    }
}
