package studio.atelier.engine.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import studio.atelier.engine.golden.GoldenFile;

/** The golden Janus made into a whole folder: with a tokenizer of single ASCII letters. */
final class JanusFolder {
    private static final String[] SPECIAL = {
        "<｜▁pad▁｜>",
        "<｜begin▁of▁sentence｜>",
        "<｜end▁of▁sentence｜>",
        "<begin_of_image>",
        "<end_of_image>",
        "<image_placeholder>"
    };

    private JanusFolder() {}

    static Path layOut(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(GoldenFile.path("image/janus-tiny/" + name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("tokenizer.json"), LetterTokenizer.json(SPECIAL));
        return folder;
    }
}
