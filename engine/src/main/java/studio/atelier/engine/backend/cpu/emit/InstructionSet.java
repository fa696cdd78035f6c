package studio.atelier.engine.backend.cpu.emit;

/** The sets of instructions that kernels are emitted for, the later the better. */
public enum InstructionSet {
    /** 256 bits, products of bytes by VPMADDUBSW. */
    AVX2("AVX2"),
    /** As AVX2, with the dot product of bytes in one instruction. */
    AVX_VNNI("AVX-VNNI"),
    /** 512 bits, with the dot product of bytes in one instruction. */
    AVX512_VNNI("AVX-512 VNNI");

    private final String label;

    InstructionSet(String label) {
        this.label = label;
    }

    /** As makers of processors write it. */
    public String label() {
        return label;
    }
}
