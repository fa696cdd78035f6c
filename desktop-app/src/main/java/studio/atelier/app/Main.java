package studio.atelier.app;

import studio.atelier.cli.Studio;

/** Where the program starts. It is no JavaFX application itself: those refuse to start from the class path. */
public final class Main {
    private Main() {}

    /** Opens the window, or does in the terminal what the arguments say. */
    public static void main(String[] args) {
        System.exit(args.length == 0 ? WindowProgram.run() : Studio.run(args));
    }
}
