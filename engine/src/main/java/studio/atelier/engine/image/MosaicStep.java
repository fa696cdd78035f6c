package studio.atelier.engine.image;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A step of a plan or a cell, as the names of its tokens: what it is first, then what is said about it.
 *
 * <p>A name that begins with "u:" speaks of what lies under the upper thing of a cell.
 */
record MosaicStep(List<String> names) {
    static final String HEAD = "<head>";
    static final String PLACE = "<place>";
    static final String CELLS = "<cells>";
    static final String WORD = "word";
    static final String EMPTY = "empty";

    /** What is said of a cell's upper thing, and with "-under" behind it of the one under it. */
    static final List<String> CELL_FIELDS = List.of("slot", "size", "down", "across");

    static final List<String> HEAD_FIELDS = List.of("slot", "layout", "where");
    static final List<String> GROUP_FIELDS = List.of("slot", "relative", "count", "total");
    static final List<String> WORD_FIELDS = List.of("slot", "count");
    static final List<String> PLACE_FIELDS = List.of("columns", "rows", "size", "total");
    static final List<String> THING_FIELDS = List.of("slot", "size", "row", "column", "left");

    /** All that a lexicon must have. */
    static final List<String> FIELDS = List.of(
            "kind",
            "slot",
            "size",
            "row",
            "column",
            "left",
            "spot",
            "count",
            "total",
            "relative",
            "layout",
            "where",
            "columns",
            "rows",
            "down",
            "across",
            "kind-under",
            "slot-under",
            "size-under",
            "down-under",
            "across-under");

    MosaicStep {
        names = List.copyOf(names);
    }

    String kind() {
        return names.getFirst();
    }

    boolean isShape(MosaicLexicon lexicon) {
        return isShape(kind(), lexicon);
    }

    static boolean isShape(String kind, MosaicLexicon lexicon) {
        return lexicon.shapes().contains(bare(kind));
    }

    /** The shape, whether filled or not. */
    static String bare(String kind) {
        return kind.startsWith("o:") ? kind.substring(2) : kind;
    }

    boolean isLetter() {
        return kind().startsWith("l:");
    }

    /** The number behind a letter, such as 4 of {@code z4}. */
    OptionalInt number(char letter) {
        return names.stream()
                .flatMapToInt(name -> number(name, letter).stream())
                .findFirst();
    }

    static OptionalInt number(String name, char letter) {
        return name.length() > 1
                        && name.length() < 5
                        && name.charAt(0) == letter
                        && name.substring(1).chars().allMatch(c -> c >= '0' && c <= '9')
                ? OptionalInt.of(Integer.parseInt(name.substring(1)))
                : OptionalInt.empty();
    }

    /** The name of its colour: {@code c2}, {@code p0} or {@code none}. */
    Optional<String> slot() {
        return names.stream().skip(1).filter(MosaicStep::isSlot).findFirst();
    }

    static boolean isSlot(String name) {
        return name.equals("none")
                || number(name, 'c').isPresent()
                || number(name, 'p').isPresent();
    }
}
