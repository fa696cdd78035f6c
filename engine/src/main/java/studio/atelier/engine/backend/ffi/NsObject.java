package studio.atelier.engine.backend.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;

/** What all objects answer, and the two Foundation classes that Metal speaks in: strings and errors. */
final class NsObject {
    static final Message RELEASE = Message.ofVoid("release");
    static final Message RESPONDS_TO_SELECTOR = Message.of("respondsToSelector:", JAVA_BOOLEAN, ADDRESS);
    static final Message NEW = Message.of("new", ADDRESS);
    static final Message STRING_WITH_UTF8 = Message.of("stringWithUTF8String:", ADDRESS, ADDRESS);
    static final Message UTF8_STRING = Message.of("UTF8String", ADDRESS);
    static final Message LOCALIZED_DESCRIPTION = Message.of("localizedDescription", ADDRESS);
    static final Message CODE = Message.of("code", JAVA_LONG);

    private static final MethodHandle release = RELEASE.handle();
    private static final MethodHandle respondsToSelector = RESPONDS_TO_SELECTOR.handle();
    private static final MethodHandle newObject = NEW.handle();
    private static final MethodHandle stringWithUtf8 = STRING_WITH_UTF8.handle();
    private static final MethodHandle utf8String = UTF8_STRING.handle();
    private static final MethodHandle localizedDescription = LOCALIZED_DESCRIPTION.handle();
    private static final MethodHandle code = CODE.handle();

    private NsObject() {}

    /** Every object. */
    static List<Message> messages() {
        return List.of(RELEASE, RESPONDS_TO_SELECTOR);
    }

    static void release(MemorySegment object) {
        try {
            release.invokeExact(object);
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    static boolean respondsTo(MemorySegment object, String selector) {
        try {
            return (boolean) respondsToSelector.invokeExact(object, ObjectiveC.selector(selector));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** A new object of a class, owned by the caller. */
    static MemorySegment newOf(String className) {
        try {
            return (MemorySegment) newObject.invokeExact(ObjectiveC.classNamed(className));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** An NSString that belongs to the pool. */
    static MemorySegment string(String text) {
        try (Arena arena = Arena.ofConfined()) {
            return (MemorySegment)
                    stringWithUtf8.invokeExact(ObjectiveC.classNamed("NSString"), arena.allocateFrom(text));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** The text of an NSString. */
    static String text(MemorySegment string) {
        try {
            return ObjectiveC.isNil(string) ? "" : ObjectiveC.text((MemorySegment) utf8String.invokeExact(string));
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }

    /** What an NSError says, with its number. */
    static String errorText(MemorySegment error) {
        if (ObjectiveC.isNil(error)) {
            return "no reason given";
        }
        try {
            long number = (long) code.invokeExact(error);
            return text((MemorySegment) localizedDescription.invokeExact(error)) + " (" + number + ")";
        } catch (Throwable t) {
            throw ObjectiveC.failed(t);
        }
    }
}
