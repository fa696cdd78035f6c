package studio.atelier.app;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import studio.atelier.app.instance.OpenRequest;
import studio.atelier.cli.Studio;

/** Where the program starts. It is no JavaFX application itself: those refuse to start from the class path. */
public final class Main {
    private Main() {}

    /** Opens the window, with what links and double-clicked files name, or does in the terminal what the arguments say. */
    public static void main(String[] args) {
        List<OpenRequest> asked = Arrays.stream(args)
                .map(OpenRequest::of)
                .flatMap(Optional::stream)
                .toList();
        System.exit(asked.size() == args.length ? WindowProgram.run(asked) : Studio.run(args));
    }
}
