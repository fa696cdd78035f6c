package studio.atelier.models.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import studio.atelier.engine.EngineException;
import studio.atelier.models.download.DiskSpace;
import studio.atelier.models.download.Volume;
import studio.atelier.models.gguf.GgufConverter;

/** GGUF files that a person opens where they lie: each becomes a folder of the engine's format, once. */
public final class OpenedGguf {
    private static final int DIGITS = 8;

    private OpenedGguf() {}

    /**
     * The folder of a file; made now, which takes minutes for a large one, unless the same file was opened before.
     *
     * @param dataFolder where the program keeps its things
     * @throws IOException with one sentence when there is no such file or no room for the folder
     * @throws EngineException when the file is broken or of a kind that the engine does not know
     */
    public static Path folder(Path dataFolder, Path file) throws IOException, EngineException {
        if (!Files.isRegularFile(file)) {
            throw new IOException("There is no file " + file + ".");
        }
        long bytes = Files.size(file);
        String name = String.valueOf(file.getFileName()).replaceFirst("(?i)\\.gguf$", "");
        String which = file + " " + bytes + " " + Files.getLastModifiedTime(file);
        Path folder = dataFolder.resolve("opened").resolve(name + "-" + digest(which));
        if (!Files.exists(folder)) {
            Files.createDirectories(dataFolder.resolve("opened"));
            DiskSpace.check(Volume.REAL, folder.toAbsolutePath(), bytes);
            GgufConverter.convert(file, folder, _ -> {});
        }
        return folder;
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
