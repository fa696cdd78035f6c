package studio.atelier.engine.backend.cpu.emit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import studio.atelier.engine.tensor.DType;

/** Every kernel that can be emitted, assembled once more from its listing by the GNU assembler: the same bytes. */
final class X86AssemblerTest {
    private static final Pattern LABEL = Pattern.compile("\\bL(?=\\d)");

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(InstructionSet.class)
    void emitsWhatTheGnuAssemblerDoes(InstructionSet set) throws Exception {
        for (CallingConvention convention : CallingConvention.values()) {
            List<X86Assembler> kernels = new ArrayList<>(EmittedKernels.assemble(set, convention));
            for (CodeForm form : CodeForm.values()) {
                for (DType scales : ProductKernels.scaleTypes(form)) {
                    kernels.addAll(ProductKernels.assemble(set, convention, form, scales));
                }
            }
            List<String> listing = new ArrayList<>();
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            for (int i = 0; i < kernels.size(); i++) {
                String prefix = "K" + i + "_L";
                kernels.get(i)
                        .listing()
                        .forEach(line -> listing.add(LABEL.matcher(line).replaceAll(prefix)));
                got.writeBytes(kernels.get(i).bytes());
            }
            assertArrayEquals(assembled(listing), got.toByteArray(), set + " " + convention);
        }
    }

    @Test
    void noticesAWrongByte() throws Exception {
        X86Assembler kernel = ProductKernels.assemble(
                        InstructionSet.AVX2, CallingConvention.SYSTEM_V, CodeForm.BYTES, DType.BF16)
                .getFirst();
        List<String> other = new ArrayList<>(kernel.listing());
        other.set(other.size() - 1, "nop");
        assertNotEquals(hex(assembled(other)), hex(kernel.bytes()));
    }

    private static String hex(byte[] bytes) {
        return java.util.HexFormat.of().formatHex(bytes);
    }

    private byte[] assembled(List<String> listing) throws Exception {
        Path source = folder.resolve("kernel.s");
        Path object = folder.resolve("kernel.o");
        Path bytes = folder.resolve("kernel.bin");
        Files.writeString(source, ".intel_syntax noprefix\n" + String.join("\n", listing) + "\n");
        assumeTrue(run("as", "--64", "-o", object.toString(), source.toString()), "binutils are not installed");
        assumeTrue(
                run("objcopy", "-O", "binary", "-j", ".text", object.toString(), bytes.toString()),
                "binutils are not installed");
        return Files.readAllBytes(bytes);
    }

    private static boolean run(String... command) throws Exception {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return false;
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), said);
        return true;
    }
}
