package studio.atelier.app.script;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The golden Janus with a tokenizer of single letters: a real model of pictures that means nothing by what it draws. */
public final class TinyJanus {
    private TinyJanus() {}

    /** Lays it out in a folder. */
    public static Path layOut(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(TinyFolder.GOLDEN.resolve("image/janus-tiny").resolve(name), folder.resolve(name));
        }
        Files.writeString(
                folder.resolve("tokenizer.json"),
                LetterTokenizer.json(
                        "<｜▁pad▁｜>",
                        "<｜begin▁of▁sentence｜>",
                        "<｜end▁of▁sentence｜>",
                        "<begin_of_image>",
                        "<end_of_image>",
                        "<image_placeholder>"));
        return folder;
    }
}
