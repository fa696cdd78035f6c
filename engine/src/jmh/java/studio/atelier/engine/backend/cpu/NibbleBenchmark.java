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
import studio.atelier.engine.backend.cpu.emit.CodeForm;
import studio.atelier.engine.backend.cpu.emit.EmittedKernels;
import studio.atelier.engine.backend.cpu.emit.InstructionSet;
import studio.atelier.engine.tensor.DType;
import studio.atelier.engine.tensor.QuantFormat;
import studio.atelier.engine.tensor.Weight;
import studio.atelier.engine.tensor.Weight.Plane;

/**
 * Weights in 4 or 8 bits times one or more tokens, by each kind of kernel; 64 rows at a time as the
 * backend does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(
        value = 1,
        jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "--add-modules=jdk.incubator.vector"})
public class NibbleBenchmark {
    private static final int CHUNK_ROWS = 64;

    /** 4 bits, 8 bits and MXFP4. */
    @Param({"NIBBLES", "BYTES", "HALVES"})
    public CodeForm form;

    /** Of the tables in docs/performance.md. Others are asked for with {@code -p columns=14336}. */
    @Param("2048")
    public int columns;

    /** 2048 rows of 2048 columns stay in the cache, 65536 do not. */
    @Param({"2048", "65536"})
    public int rows;

    @Param({"1", "2", "8", "64"})
    public int tokens;

    /** Whether tokens are those of several texts, which never go by tiles. */
    @Param("false")
    public boolean ofSeveralTexts;

    /** The instructions to use: those of this machine, or {@code AVX2}, {@code AVX_VNNI}, {@code AVX512_VNNI}. */
    @Param("best")
    public String instructions;

    private final Activations coded = new Activations();
    private float[] room = {};
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
        room = new float[columns];
        long rowBytes = (long) columns * form.bits() / 8;
        MemorySegment codes = Arena.ofAuto().allocate(rows * rowBytes, 64);
        for (long at = 0; at < codes.byteSize(); at += 8) {
            codes.set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
        DType type = form.isBiased() ? DType.BF16 : DType.F8_E8M0;
        long scaleBytes = (long) columns / form.groupSize() * type.sizeBytes();
        MemorySegment numbers = Arena.ofAuto().allocate(rows * scaleBytes, 64);
        // About 0.01 as BF16, and 1/128 or 1/32 as powers of two.
        for (long i = 0; i < numbers.byteSize(); i += 2) {
            numbers.set(ValueLayout.JAVA_SHORT, i, (short) (form.isBiased() ? 0x3C12 : 0x7A78));
        }
        Plane scales = new Plane(numbers, scaleBytes);
        weight = new Weight(
                "weight",
                rows,
                columns,
                form.isBiased() ? new QuantFormat.Affine(form.bits(), form.groupSize(), type) : new QuantFormat.Mxfp4(),
                new Plane(codes, rowBytes),
                scales,
                form.isBiased() ? scales : Plane.NONE,
                0);
        x = new float[tokens * columns];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        y = new float[tokens * rows];
        EmittedKernels kernels = instructions.equals("best")
                ? EmittedKernels.ofThisMachine()
                : EmittedKernels.of(InstructionSet.valueOf(instructions));
        emitted = new EmittedNibbles(kernels, 1);
        if (!emitted.serve(form, type)) {
            throw new IllegalStateException(form + ": the emitted kernels differ");
        }
        vector = new VectorNibbles(1);
        floats = new VectorKernels();
        codeActivations();
    }

    /** Coding the activations alone. */
    @Benchmark
    public void codeActivations() {
        coded.shape(tokens, columns, form);
        coded.ofFewPositions(ofSeveralTexts);
        for (int t = 0; t < tokens; t++) {
            emitted.code(coded, t, 0, columns / Activations.BLOCK, x, t * columns, 0);
        }
    }

    /** The emitted kernels. */
    @Benchmark
    public void emitted() {
        for (int row = 0; row < rows; row += CHUNK_ROWS) {
            emitted.multiply(weight, row, row + CHUNK_ROWS, coded, 0, 1, tokens, y, 0, rows, 0);
        }
    }

    /** The Vector API with activations of 8 bits; only of 4-bit weights there is such a kernel. */
    @Benchmark
    public void vectorNibbles() {
        if (!vector.serve(form, DType.BF16)) {
            throw new IllegalStateException(form + ": there is no such kernel");
        }
        for (int row = 0; row < rows; row += CHUNK_ROWS) {
            vector.multiply(weight, row, row + CHUNK_ROWS, coded, 0, 1, tokens, y, 0, rows, 0);
        }
    }

    /** The Vector API with floats. */
    @Benchmark
    public void vectorFloats() {
        for (int row = 0; row < rows; row += CHUNK_ROWS) {
            floats.multiply(weight, row, row + CHUNK_ROWS, x, 0, columns, tokens, y, 0, rows, room);
        }
    }
}
