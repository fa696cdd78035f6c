package studio.atelier.engine.backend.cpu.emit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import studio.atelier.engine.tensor.DType;

/**
 * The kernels that multiply weights of one {@link CodeForm} with scales of one type, in executable memory. Safe to call
 * from several threads, each with its own {@link Arguments}; what these point to must stay alive and be large enough,
 * nothing is checked below here.
 */
public final class ProductKernels implements AutoCloseable {
    /** Most rows of x that the row kernels take at once. */
    public static final int ROW_TOKENS = 8;

    /** Weight rows in one turned block. */
    public static final int TILE_ROWS = WeightTranspose.ROWS;

    private static final int CODER = ROW_TOKENS;
    private static final int TRANSPOSE = CODER + 1;
    private static final int TILES = TRANSPOSE + 1;

    private static final List<DType> SCALE_TYPES = List.of(DType.BF16, DType.F16, DType.F32);

    private final InstructionSet set;
    private final CodeForm form;
    private final int scaleBytes;
    private final MachineCode code;

    private ProductKernels(InstructionSet set, CodeForm form, int scaleBytes, MachineCode code) {
        this.set = set;
        this.form = form;
        this.scaleBytes = scaleBytes;
        this.code = code;
    }

    static ProductKernels of(InstructionSet set, CodeForm form, DType scales) throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (X86Assembler kernel : assemble(set, CallingConvention.ofThisSystem(), form, scales)) {
            all.add(kernel.bytes());
        }
        return new ProductKernels(set, form, scales.sizeBytes(), MachineCode.of(all));
    }

    /** The types of scales that weights of a form may have. */
    public static List<DType> scaleTypes(CodeForm form) {
        return form.isBiased() ? SCALE_TYPES : List.of(DType.F8_E8M0);
    }

    /** Emits without running, in the order that they are called by. */
    static List<X86Assembler> assemble(InstructionSet set, CallingConvention convention, CodeForm form, DType scales) {
        List<X86Assembler> all = new ArrayList<>();
        for (int tokens = 1; tokens <= ROW_TOKENS; tokens++) {
            X86Assembler a = added(all);
            if (set == InstructionSet.AVX512_VNNI) {
                WeightRows512.emit(a, convention, form, scales, tokens);
            } else {
                WeightRows.emit(a, convention, set, form, scales, tokens);
            }
        }
        ActivationCoder.emit(added(all), convention, form);
        if (!WeightTiles.exist(set, form)) {
            return all;
        }
        WeightTranspose.emit(added(all), convention, form, scales);
        for (int blocks = 1; blocks <= tileBlocks(set); blocks++) {
            for (int tokens = 1; tokens <= tileTokens(set); tokens++) {
                X86Assembler a = added(all);
                if (set == InstructionSet.AVX512_VNNI) {
                    WeightTiles512.emit(a, convention, form, blocks, tokens);
                } else {
                    WeightTiles.emit(a, convention, set, form, tokens);
                }
            }
        }
        return all;
    }

    private static X86Assembler added(List<X86Assembler> all) {
        X86Assembler a = new X86Assembler();
        all.add(a);
        return a;
    }

    private static int tileBlocks(InstructionSet set) {
        return set == InstructionSet.AVX512_VNNI ? 2 : 1;
    }

    private static int tileTokens(InstructionSet set) {
        return set == InstructionSet.AVX512_VNNI ? WeightTiles512.TOKENS : WeightTiles.TOKENS;
    }

    /** Whether many rows of x can go by tiles. */
    public boolean hasTiles() {
        return WeightTiles.exist(set, form);
    }

    /** Turned blocks that one call of the tile kernel takes. */
    public int tileBlocks() {
        return tileBlocks(set);
    }

    /** Rows of x in a tile. */
    public int tileTokens() {
        return tileTokens(set);
    }

    /** Bytes of a turned block of {@link #TILE_ROWS} rows, for each group. */
    public int tileGroupBytes() {
        return WeightTranspose.groupBytes(form);
    }

    /**
     * Whether {@link #rows} should take columns by stretches, which must be whole sixteens of groups: where whole rows of x
     * would push weights that were asked for out of the first-level cache. Measured; narrower kernels need the weights later.
     */
    public boolean takesStretches(int tokens, int columns) {
        int fittingBytes = set == InstructionSet.AVX512_VNNI ? 16 << 10 : 48 << 10;
        return tokens >= CarriedSums.FROM_TOKENS && tokens * columns >= fittingBytes;
    }

    /** How far ahead of their use values are asked for where rows are read as they lie. */
    public int valuesAhead() {
        return set == InstructionSet.AVX512_VNNI ? WeightRows512.PREFETCH_BYTES : WeightRows.PREFETCH_BYTES;
    }

    /** The same for scales and biases. */
    public int scalesAhead() {
        return set == InstructionSet.AVX512_VNNI
                ? WeightRows512.scalePrefetchBytes(form, scaleBytes)
                : WeightRows.scalePrefetchBytes(form, scaleBytes);
    }

    /** Weight rows times 1 to {@link #ROW_TOKENS} rows of x; results as {@code [tokens, rows]}. */
    public void rows(int tokens, Arguments arguments) {
        code.call(tokens - 1, arguments.address());
    }

    /** Codes blocks of floats. */
    public void code(Arguments arguments) {
        code.call(CODER, arguments.address());
    }

    /** Turns {@link #TILE_ROWS} weight rows. */
    public void transpose(Arguments arguments) {
        code.call(TRANSPOSE, arguments.address());
    }

    /**
     * Turned blocks times rows of x, whose number is a multiple of {@code tokens}; results as {@code [rows of x, 16 ·
     * blocks]}.
     */
    public void tiles(int blocks, int tokens, Arguments arguments) {
        code.call(TILES + (blocks - 1) * tileTokens() + tokens - 1, arguments.address());
    }

    @Override
    public void close() {
        code.close();
    }
}
