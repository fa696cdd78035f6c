package studio.atelier.models.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import studio.atelier.engine.EngineException;

/** A program that quantizes a folder until it is done or killed. */
final class KilledFolderQuantizer {
    /** The exit status when an earlier run came to its end before it was killed. */
    static final int IS_THERE = 3;

    private KilledFolderQuantizer() {}

    public static void main(String[] arguments) throws IOException, EngineException {
        Path target = Path.of(arguments[1]);
        boolean isThere =
                Files.exists(target) && !Files.exists(FolderWork.of(target).folder());
        if (isThere) {
            System.exit(IS_THERE);
        }
        FolderQuantizerTest.quantizeSlowly(Path.of(arguments[0]), target, 2);
        System.exit(0);
    }
}
