package studio.atelier.engine.backend.cpu.emit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import studio.atelier.engine.tensor.DType;

/**
 * What can be emitted for one instruction set: kernels for attention, in executable memory, and those for products as
 * they are asked for. Calling them is safe from several threads, each with its own {@link Arguments}; what these point
 * to must stay alive and be large enough, nothing is checked below here.
 */
public final class EmittedKernels implements AutoCloseable {
    /** Most queries that the attention kernels take at once. */
    public static final int ATTENTION_ROWS = AttentionScores512.ROWS;

    /** Floats from one query's scores to the next one's; no tile of keys is longer. */
    public static final int ATTENTION_TILE = AttentionScores512.TILE;

    /** Bytes of the state of four queries: maxima, then sums, then what earlier results shrink by. */
    public static final int SHARE_STATE_BYTES = 48;

    /** Where the sums begin. */
    public static final int SHARE_SUMS_AT = AttentionShares512.SUMS;

    /** Where the factors begin that earlier results shrink by. */
    public static final int SHARE_SHRINK_AT = AttentionShares512.SHRINK;

    /** Keys are whole blocks of this many elements. */
    public static final int KEY_BLOCK = 32;

    /** Values are whole blocks of this many elements. */
    public static final int VALUE_BLOCK = AttentionMix512.ELEMENTS;

    /** Elements of an 8-bit cache with one factor. */
    public static final int WIDEN_BLOCK = CacheWiden512.BLOCK;

    private final InstructionSet set;
    private final MachineCode code;
    private final List<ProductKernels> products = new CopyOnWriteArrayList<>();

    private EmittedKernels(InstructionSet set, MachineCode code) {
        this.set = set;
        this.code = code;
    }

    /**
     * Emits the kernels for what this processor can do.
     *
     * @throws IOException with the reason in a sentence when it can do too little, or memory can't be made executable
     */
    public static EmittedKernels ofThisMachine() throws IOException {
        InstructionSet set =
                Processor.ofThisMachine().best().orElseThrow(() -> new IOException("This processor has no AVX2."));
        return of(set);
    }

    /**
     * Emits the kernels of one of {@link #setsOfThisMachine()}.
     *
     * @throws IOException when memory can't be made executable
     */
    public static EmittedKernels of(InstructionSet set) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (X86Assembler kernel : assemble(set, CallingConvention.ofThisSystem())) {
            all.add(kernel.bytes());
        }
        return new EmittedKernels(set, MachineCode.of(all));
    }

    /**
     * What this processor can do; empty on all but x86-64.
     *
     * @throws IOException when no code can be run to ask it
     */
    public static List<InstructionSet> setsOfThisMachine() throws IOException {
        return Processor.ofThisMachine().sets();
    }

    /** Emits without running: the kernels for attention, in the order that they are called by. */
    static List<X86Assembler> assemble(InstructionSet set, CallingConvention convention) {
        List<X86Assembler> all = new ArrayList<>();
        if (set == InstructionSet.AVX512_VNNI) {
            for (int rows = 1; rows <= ATTENTION_ROWS; rows++) {
                AttentionScores512.emit(added(all), convention, rows);
            }
            for (int rows = 1; rows <= ATTENTION_ROWS; rows++) {
                AttentionMix512.emit(added(all), convention, rows);
            }
            for (int rows = 1; rows <= ATTENTION_ROWS; rows++) {
                AttentionShares512.emit(added(all), convention, rows);
            }
            CacheWiden512.emit(added(all), convention);
        }
        return all;
    }

    private static X86Assembler added(List<X86Assembler> all) {
        X86Assembler a = new X86Assembler();
        all.add(a);
        return a;
    }

    /** What they are made of. */
    public InstructionSet set() {
        return set;
    }

    /**
     * Emits the kernels for weights of a form with scales of one of {@link ProductKernels#scaleTypes}. They live as long
     * as these.
     *
     * @throws IOException when memory can't be made executable
     */
    public ProductKernels products(CodeForm form, DType scales) throws IOException {
        ProductKernels kernels = ProductKernels.of(set, form, scales);
        products.add(kernels);
        return kernels;
    }

    /** Whether there are kernels for attention. */
    public boolean attends() {
        return set == InstructionSet.AVX512_VNNI;
    }

    /** Scores of 1 to {@link #ATTENTION_ROWS} queries with a tile of keys. */
    public void scores(int rows, Arguments arguments) {
        code.call(rows - 1, arguments.address());
    }

    /** Scores of a whole tile become shares; the state is what {@link #SHARE_SUMS_AT} and the next one say. */
    public void shares(int rows, Arguments arguments) {
        code.call(2 * ATTENTION_ROWS + rows - 1, arguments.address());
    }

    /** Adds a tile of values to the results of as many queries. */
    public void mix(int rows, Arguments arguments) {
        code.call(ATTENTION_ROWS + rows - 1, arguments.address());
    }

    /** Rows of an 8-bit cache, whole blocks of {@link #WIDEN_BLOCK}, as bfloat16. */
    public void widen(Arguments arguments) {
        code.call(3 * ATTENTION_ROWS, arguments.address());
    }

    @Override
    public void close() {
        products.forEach(ProductKernels::close);
        code.close();
    }
}
