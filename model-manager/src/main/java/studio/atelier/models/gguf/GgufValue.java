package studio.atelier.models.gguf;

import java.util.List;

/** A value of a GGUF file's metadata. */
public sealed interface GgufValue {
    record Whole(long value) implements GgufValue {}

    record Real(double value) implements GgufValue {}

    record Flag(boolean value) implements GgufValue {}

    record Text(String value) implements GgufValue {}

    /** Of one kind; never lists of lists. */
    record Many(List<GgufValue> values) implements GgufValue {
        public Many {
            values = List.copyOf(values);
        }
    }
}
