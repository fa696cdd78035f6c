package studio.atelier.cli;

import java.util.List;
import studio.atelier.assets.Assets;

/** What the program says about itself. */
final class Help {
    private static final int PROGRAM_WIDTH = 24;
    private static final int NAME_WIDTH = 10;
    private static final int OPTION_WIDTH = 30;
    private static final int LINE_WIDTH = 100;

    private Help() {}

    static String of(List<Command> commands) {
        String program = Assets.command();
        StringBuilder text = new StringBuilder("Atelier: local AI on your own machine.\n\n")
                .append(padded(program, PROGRAM_WIDTH))
                .append("opens the window\n")
                .append(padded(program + " COMMAND ...", PROGRAM_WIDTH))
                .append("works in the terminal\n\nCommands:\n");
        for (Command command : commands) {
            text.append("  ")
                    .append(padded(command.name(), NAME_WIDTH))
                    .append(command.summary())
                    .append('\n');
        }
        return text.append('\n')
                .append(program)
                .append(
                        " help COMMAND explains one. A command that succeeds ends with 0; one that can't says why in one\n")
                .append("sentence on standard error and ends with 1. Texts are UTF-8 in and out.\n")
                .toString();
    }

    static String of(Command command) {
        StringBuilder text = new StringBuilder();
        text.append(Assets.command())
                .append(' ')
                .append(command.name())
                .append(' ')
                .append(command.usage())
                .append("\n\n");
        text.append(wrapped(command.summary(), 0)).append('\n');
        if (!command.details().isEmpty()) {
            text.append('\n').append(command.details().strip()).append('\n');
        }
        if (!command.options().isEmpty()) {
            text.append("\nOptions:\n");
        }
        for (Option option : command.options()) {
            String spelled = "  " + padded(option.spelled(), OPTION_WIDTH - 2);
            text.append(spelled).append(wrapped(option.help(), OPTION_WIDTH)).append('\n');
        }
        return text.toString();
    }

    private static String padded(String text, int width) {
        return text.length() < width ? text + " ".repeat(width - text.length()) : text + "  ";
    }

    private static String wrapped(String text, int indent) {
        StringBuilder lines = new StringBuilder();
        int column = indent;
        for (String word : text.split(" ")) {
            if (column > indent && column + word.length() > LINE_WIDTH) {
                lines.append('\n').append(" ".repeat(indent));
                column = indent;
            } else if (column > indent) {
                lines.append(' ');
                column++;
            }
            lines.append(word);
            column += word.length();
        }
        return lines.toString();
    }
}
