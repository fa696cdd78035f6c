package studio.atelier.engine.chat.jinja;

/** What one rendering may spend. A template that wants more ends with one sentence instead of a hang. */
final class Budget {
    /** Expressions, statements and elements looked at: about a second. The longest conversations need a tenth of it. */
    static final long MAX_STEPS = 5_000_000;

    /** Characters and list elements made on the way, all of them together. */
    static final long MAX_MADE = 1L << 27;

    /** Characters of the rendered prompt, or of a part of it that is caught for a variable. */
    static final int MAX_OUTPUT_CHARACTERS = 1 << 25;

    /** Expressions and blocks inside each other: about eighty calls of a recursive macro, half a megabyte of stack. */
    static final int MAX_DEPTH = 900;

    /** Lists in lists and dicts in dicts. */
    static final int MAX_NESTING = 700;

    /** Bits of a whole number. */
    static final int MAX_INTEGER_BITS = 1 << 16;

    /** As much work as one step is copying so many characters. */
    private static final int CHARACTERS_PER_STEP = 64;

    private long steps;
    private long made;
    private int depth;

    void step() {
        if (++steps > MAX_STEPS) {
            throw JinjaException.limit("the template does more than " + MAX_STEPS + " steps");
        }
    }

    /** Reading or comparing so many characters. */
    void work(long characters) {
        steps += characters / CHARACTERS_PER_STEP;
        step();
    }

    /** Going once through a value, as most filters and tests do. */
    void work(Value value) {
        work(
                switch (value) {
                    case StringValue string -> string.text().length();
                    case ListValue list -> list.items().size() * (long) CHARACTERS_PER_STEP / 4;
                    case TupleValue tuple -> tuple.items().size() * (long) CHARACTERS_PER_STEP / 4;
                    case DictValue dict -> dict.size() * (long) CHARACTERS_PER_STEP / 4;
                    default -> 0L;
                });
    }

    /** Making so many characters or elements. */
    void make(long count) {
        made += count;
        if (count < 0 || made > MAX_MADE) {
            throw JinjaException.limit(
                    "the template makes more than " + MAX_MADE + " characters and list elements on the way");
        }
        work(count);
    }

    String made(String text) {
        make(text.length());
        return text;
    }

    void enter() {
        step();
        if (++depth > MAX_DEPTH) {
            depth--;
            throw JinjaException.limit("the template nests deeper than " + MAX_DEPTH + " expressions and blocks");
        }
    }

    void leave() {
        depth--;
    }

    /** Called once for every value inside values. */
    void nesting(int levels) {
        step();
        if (levels > MAX_NESTING) {
            throw JinjaException.limit("a value is nested deeper than " + MAX_NESTING + " levels");
        }
    }

    void output(StringBuilder out, String text) {
        if (out.length() + (long) text.length() > MAX_OUTPUT_CHARACTERS) {
            throw JinjaException.limit("the template writes more than " + MAX_OUTPUT_CHARACTERS + " characters");
        }
        make(text.length());
        out.append(text);
    }
}
