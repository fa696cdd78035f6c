package studio.atelier.engine.backend.cpu.emit;

/**
 * The vector instructions used, as Intel's Software Developer's Manual volume 2 lists them: mandatory prefix, opcode
 * map, opcode, W bit, and what a memory operand measures.
 */
enum VectorInstruction {
    VMOVDQU(Prefix.F3, Map.M0F, 0x6F, 0, Reads.ALL),
    VMOVDQU_STORE(Prefix.F3, Map.M0F, 0x7F, 0, Reads.ALL),
    VMOVUPS(Prefix.NONE, Map.M0F, 0x10, 0, Reads.ALL),
    VMOVUPS_STORE(Prefix.NONE, Map.M0F, 0x11, 0, Reads.ALL),
    VMOVSS_STORE(Prefix.F3, Map.M0F, 0x11, 0, Reads.FOUR_BYTES),
    VMOVD(Prefix.P66, Map.M0F, 0x6E, 0, Reads.FOUR_BYTES),
    VPAND(Prefix.P66, Map.M0F, 0xDB, 0, Reads.ALL),
    VPXOR(Prefix.P66, Map.M0F, 0xEF, 0, Reads.ALL),
    VANDPS(Prefix.NONE, Map.M0F, 0x54, 0, Reads.ALL),
    VPADDW(Prefix.P66, Map.M0F, 0xFD, 0, Reads.ALL),
    VPADDD(Prefix.P66, Map.M0F, 0xFE, 0, Reads.ALL),
    VPMAXSD(Prefix.P66, Map.M0F38, 0x3D, 0, Reads.ALL),
    VPABSB(Prefix.P66, Map.M0F38, 0x1C, 0, Reads.ALL),
    VPSIGNB(Prefix.P66, Map.M0F38, 0x08, 0, Reads.ALL),
    VPMADDWD(Prefix.P66, Map.M0F, 0xF5, 0, Reads.ALL),
    VPMADDUBSW(Prefix.P66, Map.M0F38, 0x04, 0, Reads.ALL),
    /** In AVX-VNNI's VEX form; the EVEX form has the same fields. */
    VPDPBUSD(Prefix.P66, Map.M0F38, 0x50, 0, Reads.ALL),
    VPSHUFB(Prefix.P66, Map.M0F38, 0x00, 0, Reads.ALL),
    VPACKSSDW(Prefix.P66, Map.M0F, 0x6B, 0, Reads.ALL),
    VPACKSSWB(Prefix.P66, Map.M0F, 0x63, 0, Reads.ALL),
    VPUNPCKLWD(Prefix.P66, Map.M0F, 0x61, 0, Reads.ALL),
    VPUNPCKHWD(Prefix.P66, Map.M0F, 0x69, 0, Reads.ALL),
    VPUNPCKLDQ(Prefix.P66, Map.M0F, 0x62, 0, Reads.ALL),
    VPUNPCKHDQ(Prefix.P66, Map.M0F, 0x6A, 0, Reads.ALL),
    VPUNPCKLQDQ(Prefix.P66, Map.M0F, 0x6C, 0, Reads.ALL),
    VPUNPCKHQDQ(Prefix.P66, Map.M0F, 0x6D, 0, Reads.ALL),
    VPERM2I128(Prefix.P66, Map.M0F3A, 0x46, 0, Reads.ALL),
    VPERMD(Prefix.P66, Map.M0F38, 0x36, 0, Reads.ALL),
    VPERMPS(Prefix.P66, Map.M0F38, 0x16, 0, Reads.ALL),
    VEXTRACTF128(Prefix.P66, Map.M0F3A, 0x19, 0, Reads.HALF),
    VEXTRACTF64X4(Prefix.P66, Map.M0F3A, 0x1B, 1, Reads.HALF),
    VPMOVZXWD(Prefix.P66, Map.M0F38, 0x33, 0, Reads.HALF),
    VPMOVZXBD(Prefix.P66, Map.M0F38, 0x31, 0, Reads.QUARTER),
    VPMOVSXBD(Prefix.P66, Map.M0F38, 0x21, 0, Reads.QUARTER),
    /** EVEX only. */
    VPMOVDW_STORE(Prefix.F3, Map.M0F38, 0x33, 0, Reads.HALF),
    VPMOVSXBW(Prefix.P66, Map.M0F38, 0x20, 0, Reads.HALF),
    VPMOVZXBW(Prefix.P66, Map.M0F38, 0x30, 0, Reads.HALF),
    VPBROADCASTD(Prefix.P66, Map.M0F38, 0x58, 0, Reads.FOUR_BYTES),
    VBROADCASTSS(Prefix.P66, Map.M0F38, 0x18, 0, Reads.FOUR_BYTES),
    VCVTDQ2PS(Prefix.NONE, Map.M0F, 0x5B, 0, Reads.ALL),
    VCVTPS2DQ(Prefix.P66, Map.M0F, 0x5B, 0, Reads.ALL),
    VCVTPH2PS(Prefix.P66, Map.M0F38, 0x13, 0, Reads.HALF),
    VADDPS(Prefix.NONE, Map.M0F, 0x58, 0, Reads.ALL),
    VSUBPS(Prefix.NONE, Map.M0F, 0x5C, 0, Reads.ALL),
    VMULPS(Prefix.NONE, Map.M0F, 0x59, 0, Reads.ALL),
    VMAXPS(Prefix.NONE, Map.M0F, 0x5F, 0, Reads.ALL),
    VDIVPS(Prefix.NONE, Map.M0F, 0x5E, 0, Reads.ALL),
    VCMPPS(Prefix.NONE, Map.M0F, 0xC2, 0, Reads.ALL),
    VADDSS(Prefix.F3, Map.M0F, 0x58, 0, Reads.FOUR_BYTES),
    VMULSS(Prefix.F3, Map.M0F, 0x59, 0, Reads.FOUR_BYTES),
    VMOVHLPS(Prefix.NONE, Map.M0F, 0x12, 0, Reads.ALL),
    VMOVSHDUP(Prefix.F3, Map.M0F, 0x16, 0, Reads.ALL),
    VSHUFPS(Prefix.NONE, Map.M0F, 0xC6, 0, Reads.ALL),
    VFMADD213PS(Prefix.P66, Map.M0F38, 0xA8, 0, Reads.ALL),
    VFMADD231PS(Prefix.P66, Map.M0F38, 0xB8, 0, Reads.ALL);

    /** Stands for the byte that older encodings put before the opcode. */
    enum Prefix {
        NONE,
        P66,
        F3,
        F2
    }

    /** Which table of opcodes; the ordinal plus one is its number. */
    enum Map {
        M0F,
        M0F38,
        M0F3A
    }

    /** What a memory operand measures: EVEX counts short displacements in it. */
    enum Reads {
        ALL,
        HALF,
        QUARTER,
        FOUR_BYTES
    }

    final Prefix prefix;
    final Map map;
    final int opcode;
    final int wide;
    final Reads reads;

    VectorInstruction(Prefix prefix, Map map, int opcode, int wide, Reads reads) {
        this.prefix = prefix;
        this.map = map;
        this.opcode = opcode;
        this.wide = wide;
        this.reads = reads;
    }

    /** Bytes that a memory operand measures. */
    int memoryBytes(int vectorBits, boolean broadcast) {
        if (broadcast) {
            return 4;
        }
        return switch (reads) {
            case ALL -> vectorBits / 8;
            case HALF -> vectorBits / 16;
            case QUARTER -> vectorBits / 32;
            case FOUR_BYTES -> 4;
        };
    }

    /** As the GNU assembler spells it; EVEX has names of its own for some. */
    String text(boolean evex) {
        String name = name().toLowerCase(java.util.Locale.ROOT).replace("_store", "");
        return switch (this) {
            case VMOVDQU, VMOVDQU_STORE -> evex ? "vmovdqu32" : name;
            case VPAND, VPXOR -> evex ? name + "d" : name;
            case VPDPBUSD -> evex ? name : "{vex} " + name;
            default -> name;
        };
    }
}
