package studio.atelier.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import studio.atelier.assets.Assets;
import studio.atelier.engine.EngineException;

/** The program in the terminal: finds the command, runs it, and turns what went wrong into one sentence. */
public final class Studio {
    static final List<Command> COMMANDS = List.of(
            new ChatCommand(),
            new ServeCommand(),
            new ImageCommand(),
            new SearchCommand(),
            new PullCommand(),
            new ModelsCommand(),
            new FoldersCommand(),
            new VerifyCommand(),
            new RemoveCommand(),
            new QuantizeCommand(),
            new LogitsCommand(),
            new PromptCommand(),
            new TokensCommand(),
            new BenchCommand(),
            new DoctorCommand(),
            new SelftestCommand());

    private Studio() {}

    /** Runs the command that the arguments name, at least one; returns the exit code. */
    public static int run(String... arguments) {
        Terminal terminal = Terminal.ofThisProcess();
        int code = run(List.of(arguments), terminal);
        terminal.out().flush();
        terminal.err().flush();
        return code;
    }

    static int run(List<String> arguments, Terminal terminal) {
        try {
            return dispatch(arguments, terminal);
        } catch (UsageException | EngineException e) {
            return refuse(terminal, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            // Values a person typed are refused by the types that hold them.
            return refuse(terminal, ended(String.valueOf(e.getMessage())));
        } catch (IOException e) {
            return refuse(terminal, sentence(e));
        } catch (RuntimeException e) {
            return refuse(terminal, "Atelier failed: " + e + ".");
        } catch (OutOfMemoryError e) {
            return refuse(terminal, "The program's memory is full; choose a smaller model or a shorter text.");
        }
    }

    private static int dispatch(List<String> arguments, Terminal terminal)
            throws UsageException, EngineException, IOException {
        String name = arguments.getFirst();
        List<String> rest = arguments.subList(1, arguments.size());
        if (List.of("help", "--help", "-h").contains(name)) {
            terminal.show(help(rest));
            return 0;
        }
        Command command = command(name);
        if (rest.contains("--help") || rest.contains("-h")) {
            terminal.show(Help.of(command));
            return 0;
        }
        int code = command.run(Arguments.of(command, rest), terminal);
        if (terminal.out().checkError()) {
            throw new IOException(
                    "What was written could not be delivered: the output was closed or its disk is full.");
        }
        return code;
    }

    private static String help(List<String> about) throws UsageException {
        return about.isEmpty() ? Help.of(COMMANDS) : Help.of(command(about.getFirst()));
    }

    private static Command command(String name) throws UsageException {
        Optional<Command> found =
                COMMANDS.stream().filter(each -> each.name().equals(name)).findFirst();
        return found.orElseThrow(() -> new UsageException(
                "There is no command \"" + name + "\"; " + Assets.command() + " help lists those there are."));
    }

    private static int refuse(Terminal terminal, String sentence) {
        // One line, so that scripts can show it as it is.
        terminal.tell(sentence.replaceAll("\\s*\\R\\s*", " "));
        return 1;
    }

    /** The system's exceptions say little more than a file's name. */
    private static String sentence(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> "There is no file " + missing.getFile() + ".";
            case AccessDeniedException denied -> "The file " + denied.getFile() + " may not be opened by you.";
            case FileAlreadyExistsException there -> there.getFile() + " is there already; choose another name.";
            case FileSystemException failed
            when failed.getReason() != null ->
                ended("The file " + failed.getFile() + " can't be used: " + failed.getReason());
            case FileSystemException failed -> "The file " + failed.getFile() + " can't be used.";
            default -> ended(String.valueOf(e.getMessage()));
        };
    }

    private static String ended(String sentence) {
        return sentence.endsWith(".") ? sentence : sentence + ".";
    }

    /** A path that a person typed. */
    static java.nio.file.Path path(String text) throws UsageException {
        try {
            return java.nio.file.Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("\"" + text + "\" can't be the name of a file: " + e.getReason() + ".");
        }
    }
}
