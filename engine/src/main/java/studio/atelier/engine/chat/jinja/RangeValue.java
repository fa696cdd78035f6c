package studio.atelier.engine.chat.jinja;

/** Python's {@code range}, at most {@link #MAX_LENGTH} numbers as in Jinja's sandbox. */
record RangeValue(long start, long stop, long step) implements Value {
    static final int MAX_LENGTH = 100_000;

    /** Bounds far inside a long, so that no sum of two overflows. */
    private static final long MAX_BOUND = 1L << 60;

    RangeValue {
        if (step == 0) {
            throw JinjaException.value("range() arg 3 must not be zero");
        }
        if (Math.abs(start) > MAX_BOUND || Math.abs(stop) > MAX_BOUND || Math.abs(step) > MAX_BOUND) {
            throw JinjaException.limit("a range reaches beyond " + MAX_BOUND);
        }
        if (length(start, stop, step) > MAX_LENGTH) {
            throw new JinjaException(
                    JinjaException.Fault.ARITHMETIC,
                    "Range too big. The sandbox blocks ranges larger than MAX_RANGE (" + MAX_LENGTH + ").");
        }
    }

    private static long length(long start, long stop, long step) {
        if (step > 0) {
            return start >= stop ? 0 : (stop - start - 1) / step + 1;
        }
        return start <= stop ? 0 : (start - stop - 1) / -step + 1;
    }

    int length() {
        return (int) length(start, stop, step);
    }

    Value get(int index) {
        return IntegerValue.of(start + index * step);
    }

    @Override
    public String typeName() {
        return "range";
    }
}
