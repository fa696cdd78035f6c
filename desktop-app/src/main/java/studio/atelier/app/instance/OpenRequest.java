package studio.atelier.app.instance;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Something that the window is asked to open from outside: by a link, or by a file that was double-clicked. */
public sealed interface OpenRequest {
    /** The ending of a conversation that was exported. */
    String CHAT_ENDING = ".atelier-chat";

    /** The ending of a model in one file. */
    String MODEL_ENDING = ".gguf";

    /** A repository at the hub, as {@code owner/name}. */
    record Repository(String id) implements OpenRequest {}

    /** A model in one file, an absolute path. */
    record ModelFile(Path file) implements OpenRequest {}

    /** An exported conversation, an absolute path. */
    record ChatFile(Path file) implements OpenRequest {}

    /** A link of ours that means nothing to this version. */
    record Unknown(String link) implements OpenRequest {}

    /** The text by which another program's window understands the same. */
    default String text() {
        return switch (this) {
            case Repository repository -> "atelier://models/" + repository.id();
            case ModelFile model -> model.file().toString();
            case ChatFile chat -> chat.file().toString();
            case Unknown unknown -> unknown.link();
        };
    }

    /**
     * Reads an argument of the command line.
     *
     * @return empty when it is neither a link of ours nor a file of a kind that the window opens
     */
    static Optional<OpenRequest> of(String argument) {
        if (argument.toLowerCase(Locale.ROOT).startsWith("atelier:")) {
            return Optional.of(link(argument));
        }
        String ending = argument.toLowerCase(Locale.ROOT);
        if (!ending.endsWith(MODEL_ENDING) && !ending.endsWith(CHAT_ENDING)) {
            return Optional.empty();
        }
        try {
            Path file = (argument.startsWith("file:") ? Path.of(new URI(argument)) : Path.of(argument))
                    .toAbsolutePath()
                    .normalize();
            return Optional.of(ending.endsWith(MODEL_ENDING) ? new ModelFile(file) : new ChatFile(file));
        } catch (URISyntaxException | IllegalArgumentException e) {
            // No path at all, whatever it ends with. InvalidPathException is among these.
            return Optional.empty();
        }
    }

    private static OpenRequest link(String text) {
        Matcher repository = Links.MODEL.matcher(text);
        return repository.matches() ? new Repository(repository.group(1)) : new Unknown(text);
    }

    /** The form of links; a page of the program may write them, so they can name a model and nothing else. */
    final class Links {
        private static final Pattern MODEL = Pattern.compile(
                "(?i:atelier)://models/([A-Za-z0-9_][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95})/?");

        private Links() {}
    }
}
