package studio.atelier.app;

/** Where the program starts. It is no JavaFX application itself: those refuse to start from the class path. */
public final class Main {
    private Main() {}

    /** Opens the window. */
    public static void main(String[] args) {
        System.exit(WindowProgram.run());
    }
}
