package studio.atelier.engine.backend.cpu.emit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.tensor.DType;

/**
 * All kernels for one instruction set, in executable memory. Safe to call from several threads, each with its own
 * {@link Arguments}; what these point to must stay alive and be large enough, nothing is checked below here.
 */
public final class EmittedKernels implements AutoCloseable {
    /** Most rows of x that the row kernels take at once. */
    public static final int ROW_TOKENS = 8;

    /** Weight rows in one turned block. */
    public static final int TILE_ROWS = NibbleTranspose.ROWS;

    /** Bytes of one group of a turned block. */
    public static final int TILE_GROUP_BYTES = NibbleTranspose.GROUP_BYTES;

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

    private static final List<DType> SCALE_TYPES = List.of(DType.BF16, DType.F16, DType.F32);

    private final InstructionSet set;
    private final MachineCode code;

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

    /** Emits without running: all kernels of a set, in the order that they are called by. */
    static List<X86Assembler> assemble(InstructionSet set, CallingConvention convention) {
        List<X86Assembler> all = new ArrayList<>();
        for (DType type : SCALE_TYPES) {
            for (int tokens = 1; tokens <= ROW_TOKENS; tokens++) {
                X86Assembler a = added(all);
                if (set == InstructionSet.AVX512_VNNI) {
                    NibbleRows512.emit(a, convention, type, tokens);
                } else {
                    NibbleRows.emit(a, convention, set, type, tokens);
                }
            }
            NibbleTranspose.emit(added(all), convention, type);
        }
        int blocks = set == InstructionSet.AVX512_VNNI ? 2 : 1;
        for (int block = 1; block <= blocks; block++) {
            for (int tokens = 1; tokens <= tileTokens(set); tokens++) {
                X86Assembler a = added(all);
                if (set == InstructionSet.AVX512_VNNI) {
                    NibbleTiles512.emit(a, convention, block, tokens);
                } else {
                    NibbleTiles.emit(a, convention, set, tokens);
                }
            }
        }
        ActivationCoder.emit(added(all), convention);
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
        }
        return all;
    }

    private static X86Assembler added(List<X86Assembler> all) {
        X86Assembler a = new X86Assembler();
        all.add(a);
        return a;
    }

    private static int tileTokens(InstructionSet set) {
        return set == InstructionSet.AVX512_VNNI ? NibbleTiles512.TOKENS : NibbleTiles.TOKENS;
    }

    /** What they are made of. */
    public InstructionSet set() {
        return set;
    }

    /** Turned blocks that one call of the tile kernel takes. */
    public int tileBlocks() {
        return set == InstructionSet.AVX512_VNNI ? 2 : 1;
    }

    /** Rows of x in a tile. */
    public int tileTokens() {
        return tileTokens(set);
    }

    /** Whether scales of this type can be read. */
    public static boolean readsScales(DType type) {
        return SCALE_TYPES.contains(type);
    }

    /** Weight rows times 1 to {@link #ROW_TOKENS} rows of x; results as {@code [tokens, rows]}. */
    public void rows(DType scales, int tokens, Arguments arguments) {
        code.call(first(scales) + tokens - 1, arguments.address());
    }

    /** Turns {@link #TILE_ROWS} weight rows. */
    public void transpose(DType scales, Arguments arguments) {
        code.call(first(scales) + ROW_TOKENS, arguments.address());
    }

    /**
     * Turned blocks times rows of x, whose number is a multiple of {@code tokens}; results as {@code [rows of x, 16 ·
     * blocks]}.
     */
    public void tiles(int blocks, int tokens, Arguments arguments) {
        int kernels = SCALE_TYPES.size() * (ROW_TOKENS + 1);
        code.call(kernels + (blocks - 1) * tileTokens() + tokens - 1, arguments.address());
    }

    /** Codes groups of floats. */
    public void code(Arguments arguments) {
        code.call(coder(), arguments.address());
    }

    private int coder() {
        return SCALE_TYPES.size() * (ROW_TOKENS + 1) + tileBlocks() * tileTokens();
    }

    /** Whether there are kernels for attention. */
    public boolean attends() {
        return set == InstructionSet.AVX512_VNNI;
    }

    /** Scores of 1 to {@link #ATTENTION_ROWS} queries with a tile of keys. */
    public void scores(int rows, Arguments arguments) {
        code.call(coder() + rows, arguments.address());
    }

    /** Scores of a whole tile become shares; the state is what {@link #SHARE_SUMS_AT} and the next one say. */
    public void shares(int rows, Arguments arguments) {
        code.call(coder() + 2 * ATTENTION_ROWS + rows, arguments.address());
    }

    /** Adds a tile of values to the results of as many queries. */
    public void mix(int rows, Arguments arguments) {
        code.call(coder() + ATTENTION_ROWS + rows, arguments.address());
    }

    private static int first(DType scales) {
        return SCALE_TYPES.indexOf(scales) * (ROW_TOKENS + 1);
    }

    @Override
    public void close() {
        code.close();
    }
}
