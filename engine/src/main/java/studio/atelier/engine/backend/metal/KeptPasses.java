package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.backend.ffi.CommandBuffer;
import studio.atelier.engine.tensor.Shape;

/** The kept passes of the texts that were read last, and the watch on the pass being recorded: can it be kept? */
final class KeptPasses {
    private static final int MOST = 4;

    private final CommandStream stream;
    /** The one used last stands last. */
    private final List<KeptPass> all = new ArrayList<>();

    private @Nullable Object text;
    private @Nullable Placed placed;
    private @Nullable Value read;
    private int rows;
    private boolean unfit;

    KeptPasses(CommandStream stream) {
        this.stream = stream;
    }

    @Nullable
    KeptPass find(Object asked) {
        for (KeptPass each : List.copyOf(all)) {
            if (each.isForgotten()) {
                drop(each);
            }
        }
        for (KeptPass each : all) {
            if (each.isOf(asked)) {
                all.remove(each);
                all.add(each);
                return each;
            }
        }
        return null;
    }

    /** The pass that begins next is one of this text. */
    void expect(Object asked) {
        text = asked;
    }

    /** Something was handed over. */
    void submitted(Placed work, List<Node> nodes) {
        unfit |= placed != null || !work.step().isOfOneToken();
        placed = work;
        rows = Integer.MAX_VALUE;
        for (Node node : nodes) {
            if (node instanceof Node.Store store) {
                Shape target = store.target().shape();
                rows = Math.min(rows, target.axis(0));
            }
        }
        unfit |= rows == Integer.MAX_VALUE;
    }

    /** Something was read. */
    void read(Value value) {
        unfit |= read != null || value.lasting;
        read = value;
    }

    /** It can't be kept. */
    void spoil() {
        unfit = true;
    }

    /** The pass is over, and is kept when it can be. Its memory must not be given to others from now on. */
    void end() {
        Object owner = text;
        Placed work = placed;
        Value result = read;
        if (!unfit && owner != null && work != null && result != null) {
            KeptPass older = find(owner);
            if (older != null) {
                drop(older);
            }
            stream.keep(work);
            all.add(new KeptPass(owner, work, result, rows));
            if (all.size() > MOST) {
                drop(all.getFirst());
            }
        }
        text = null;
        placed = null;
        read = null;
        unfit = false;
    }

    /** All of them, when their queue is gone. */
    void clear() {
        List.copyOf(all).forEach(this::drop);
        text = null;
    }

    private void drop(KeptPass pass) {
        all.remove(pass);
        pass.takeAhead().forEach(CommandBuffer::close);
        stream.release(pass.placed());
    }
}
