package studio.atelier.engine.chat.jinja;

import java.math.BigInteger;

/** Python's {@code int}, of any size up to {@link Budget#MAX_INTEGER_BITS}. */
record IntegerValue(BigInteger number) implements Value {
    IntegerValue {
        if (number.bitLength() > Budget.MAX_INTEGER_BITS) {
            throw JinjaException.limit("a number has more than " + Budget.MAX_INTEGER_BITS + " bits");
        }
    }

    static IntegerValue of(long number) {
        return new IntegerValue(BigInteger.valueOf(number));
    }

    @Override
    public String typeName() {
        return "int";
    }
}
