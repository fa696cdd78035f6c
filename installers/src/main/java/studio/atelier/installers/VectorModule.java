package studio.atelier.installers;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.Opcode;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalInt;

/**
 * The vector module of a linked Java without the mark that it is incubating. Java leaves the modules out of the start-up
 * cache where one of them is so marked ({@code jdk.internal.module.ModuleBootstrap}, JDK 25), and with them every class that
 * was linked and every lambda that was made in the training run. The mark is one bit of one number in the class that jlink
 * writes about all modules; nothing else changes.
 */
final class VectorModule {
    /** jlink's option value that leaves this class uncompressed, so that it can be found. */
    static final String COMPRESSION = "zip-9:filter=regex:(?!.*/SystemModules.all\\.class$).*";

    private static final String ALL_MODULES = "/modules/java.base/jdk/internal/module/SystemModules$all.class";
    private static final String METHOD = "moduleResolutions";
    /** {@code jdk.internal.module.ModuleResolution.WARN_INCUBATING}. */
    private static final int INCUBATING = 8;

    private VectorModule() {}

    /**
     * Takes the mark off.
     *
     * @param java a Java that was linked with {@link #COMPRESSION}
     * @return whether it was where it is expected; if not, the image is as it was and starts more slowly
     */
    static boolean unmark(Path java) throws IOException {
        byte[] allModules;
        try (FileSystem image = FileSystems.newFileSystem(URI.create("jrt:/"), Map.of("java.home", java.toString()))) {
            allModules = Files.readAllBytes(image.getPath(ALL_MODULES));
        }
        Path modules = java.resolve("lib").resolve("modules");
        OptionalInt place = onlyPlace(Files.readAllBytes(modules), allModules);
        OptionalInt mark = mark(allModules);
        if (place.isEmpty() || mark.isEmpty()) {
            return false;
        }
        byte flags = (byte) (allModules[mark.getAsInt()] & ~INCUBATING);
        modules.toFile().setWritable(true);
        try (FileChannel file = FileChannel.open(modules, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(new byte[] {flags}), place.getAsInt() + mark.getAsInt());
        }
        return modules.toFile().setReadOnly();
    }

    /** Where in the class the flags are that carry the mark, if there is one such place. */
    private static OptionalInt mark(byte[] allModules) {
        byte[] code = ClassFile.of().parse(allModules).methods().stream()
                .filter(method -> method.methodName().equalsString(METHOD))
                .flatMap(method -> method.code().stream())
                .map(model -> ((CodeAttribute) model).codeArray())
                .findFirst()
                .orElse(new byte[0]);
        OptionalInt method = code.length == 0 ? OptionalInt.empty() : onlyPlace(allModules, code);
        OptionalInt flags = OptionalInt.empty();
        // new ModuleResolution(flags): the flags are pushed right before the constructor is called.
        for (int at = 0; at + 2 < code.length; at++) {
            if (code[at] == (byte) Opcode.BIPUSH.bytecode()
                    && code[at + 2] == (byte) Opcode.INVOKESPECIAL.bytecode()
                    && (code[at + 1] & INCUBATING) != 0) {
                if (flags.isPresent()) {
                    return OptionalInt.empty();
                }
                flags = OptionalInt.of(at + 1);
            }
        }
        return method.isPresent() && flags.isPresent()
                ? OptionalInt.of(method.getAsInt() + flags.getAsInt())
                : OptionalInt.empty();
    }

    /** Where a part is in the whole, if it is there once. */
    private static OptionalInt onlyPlace(byte[] whole, byte[] part) {
        OptionalInt place = OptionalInt.empty();
        for (int at = 0; at + part.length <= whole.length; at++) {
            if (whole[at] == part[0] && Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
                if (place.isPresent()) {
                    return OptionalInt.empty();
                }
                place = OptionalInt.of(at);
            }
        }
        return place;
    }
}
