package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.util.List;
import java.util.Optional;

/**
 * A selector with the types of its parameters and result. A wrong one crashes the program or worse, so each is compared
 * with the runtime's own encoding before the first use.
 *
 * @param selector with its colons
 * @param descriptor after receiver and selector
 */
record Message(String selector, FunctionDescriptor descriptor) {
    /** MTLSize: three NSUIntegers. */
    static final StructLayout SIZE = MemoryLayout.structLayout(JAVA_LONG, JAVA_LONG, JAVA_LONG);

    static Message of(String selector, MemoryLayout result, MemoryLayout... parameters) {
        return new Message(selector, FunctionDescriptor.of(result, parameters));
    }

    static Message ofVoid(String selector, MemoryLayout... parameters) {
        return new Message(selector, FunctionDescriptor.ofVoid(parameters));
    }

    /** Ready to be called with receiver and parameters. */
    java.lang.invoke.MethodHandle handle() {
        return ObjectiveC.message(selector, descriptor);
    }

    /**
     * What is wrong with this message for an object, in a sentence; empty when the runtime agrees. A missing method is
     * wrong unless {@code optional}.
     */
    Optional<String> objection(MemorySegment object, boolean optional) {
        Optional<String> encoding = ObjectiveC.typeEncoding(object, selector);
        if (encoding.isEmpty()) {
            return optional ? Optional.empty() : Optional.of(selector + ": this version of macOS does not have it");
        }
        String theirs = TypeEncoding.passing(encoding.get());
        String ours = passing();
        return theirs.equals(ours)
                ? Optional.empty()
                : Optional.of(selector + ": expected the types " + ours + ", the runtime says " + encoding.get());
    }

    /** How result, receiver, selector and parameters are passed, a letter each. */
    private String passing() {
        StringBuilder letters = new StringBuilder();
        letters.append(descriptor.returnLayout().map(Message::letter).orElse("v"))
                .append("PP");
        for (MemoryLayout parameter : descriptor.argumentLayouts()) {
            letters.append(letter(parameter));
        }
        return letters.toString();
    }

    private static String letter(MemoryLayout layout) {
        if (layout.equals(SIZE)) {
            return "{LLL}";
        }
        if (layout.equals(ADDRESS)) {
            return "P";
        }
        if (layout.equals(JAVA_LONG)) {
            return "L";
        }
        if (layout.equals(JAVA_DOUBLE)) {
            return "D";
        }
        if (layout.equals(JAVA_BOOLEAN)) {
            return "B";
        }
        throw new IllegalArgumentException(
                "layout: expected one of " + List.of("P", "L", "D", "B", "MTLSize") + ", got " + layout);
    }
}
