package studio.atelier.cli;

import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Has Ctrl-C do something else than end the program, until it is closed. The JDK has no other way than this class. */
final class Interrupts implements AutoCloseable {
    private final Signal signal = new Signal("INT");
    private final SignalHandler before;

    private Interrupts(Runnable pressed) {
        before = Signal.handle(signal, _ -> pressed.run());
    }

    static Interrupts call(Runnable pressed) {
        return new Interrupts(pressed);
    }

    @Override
    public void close() {
        Signal.handle(signal, before);
    }
}
