package studio.atelier.cli;

/**
 * An option of a command.
 *
 * @param name without the dashes
 * @param value what stands for its value in the help, such as {@code FOLDER}; empty when it takes none
 * @param repeated whether it may be given several times
 * @param help what it does
 */
record Option(String name, String value, boolean repeated, String help) {
    static Option flag(String name, String help) {
        return new Option(name, "", false, help);
    }

    static Option of(String name, String value, String help) {
        return new Option(name, value, false, help);
    }

    static Option repeated(String name, String value, String help) {
        return new Option(name, value, true, help);
    }

    boolean takesValue() {
        return !value.isEmpty();
    }

    /** As it is typed. */
    String spelled() {
        return "--" + name + (takesValue() ? " " + value : "");
    }
}
