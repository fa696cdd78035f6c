package studio.atelier.app.library;

import java.util.Optional;
import java.util.OptionalInt;
import studio.atelier.engine.Statistics;

/**
 * One message as the window shows it.
 *
 * @param key tells it from all others while the program runs
 * @param reasoning what the model thought before it answered; may be empty
 * @param thoughtSeconds how long the model thought, for an answer given since the program started
 * @param end how far the answer came; {@link End#COMPLETE} for what a person wrote
 * @param statistics the figures of an answer given since the program started
 * @param source the help page that the answer was given from
 * @param picture the file of the picture that was brought or made, by its name in the folder of pictures
 */
public record Message(
        long key,
        Author author,
        String text,
        String reasoning,
        OptionalInt thoughtSeconds,
        End end,
        Optional<Statistics> statistics,
        Optional<HelpPage> source,
        Optional<String> picture) {

    /** Who wrote a message. */
    public enum Author {
        PERSON,
        MODEL
    }

    /** How far an answer came. */
    public enum End {
        /** It is being written, or was when the program was killed. */
        RUNNING,
        COMPLETE,
        /** The person stopped it, or the program did. */
        STOPPED,
        /** It ran into the answer limit or the end of the context. */
        CUT_OFF
    }

    /** What a person wrote. */
    public static Message fromPerson(long key, String text) {
        return new Message(
                key,
                Author.PERSON,
                text,
                "",
                OptionalInt.empty(),
                End.COMPLETE,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** An answer of which nothing is written yet. */
    public static Message begun(long key) {
        return new Message(
                key,
                Author.MODEL,
                "",
                "",
                OptionalInt.empty(),
                End.RUNNING,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The same answer, given from a help page. */
    public Message from(HelpPage page) {
        return new Message(key, author, text, reasoning, thoughtSeconds, end, statistics, Optional.of(page), picture);
    }

    /** The same answer, further on. */
    public Message written(String textSoFar, String reasoningSoFar) {
        return new Message(key, author, textSoFar, reasoningSoFar, thoughtSeconds, end, statistics, source, picture);
    }

    /** The same answer, at its end. */
    public Message ended(End reason, Optional<Statistics> figures) {
        return new Message(key, author, text, reasoning, thoughtSeconds, reason, figures, source, picture);
    }

    /** The same answer, thought about for so long by now. */
    public Message thoughtFor(int seconds) {
        return new Message(key, author, text, reasoning, OptionalInt.of(seconds), end, statistics, source, picture);
    }

    /** The same message with a picture. */
    public Message with(String pictureFile) {
        return new Message(
                key, author, text, reasoning, thoughtSeconds, end, statistics, source, Optional.of(pictureFile));
    }
}
