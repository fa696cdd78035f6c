package studio.atelier.engine.backend.metal;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the values of one plan lie in one scratch buffer. Values that are not needed at the same time share memory; a
 * freed piece rests for a while, so that dispatches that could run side by side need not wait for each other.
 */
final class ScratchLayout {
    private static final long ALIGNMENT_BYTES = 256;
    private static final int REST_DISPATCHES = 2;

    private record Piece(long offset, long size) {}

    private record Resting(Piece piece, int until) {}

    private final Map<Value, Long> offsets = new IdentityHashMap<>();
    private final List<Piece> free = new ArrayList<>();
    private final List<Resting> resting = new ArrayList<>();
    private long end;

    private ScratchLayout() {}

    static ScratchLayout of(List<Dispatch> dispatches) {
        ScratchLayout layout = new ScratchLayout();
        Map<Value, Integer> lastUse = new IdentityHashMap<>();
        for (int i = 0; i < dispatches.size(); i++) {
            for (Operand operand : dispatches.get(i).operands().values()) {
                if (operand instanceof Operand.Numbers numbers) {
                    lastUse.put(numbers.value(), i);
                }
            }
        }
        for (int i = 0; i < dispatches.size(); i++) {
            layout.step(dispatches.get(i), i, lastUse);
        }
        return layout;
    }

    private void step(Dispatch dispatch, int index, Map<Value, Integer> lastUse) {
        resting.removeIf(each -> {
            if (each.until() < index) {
                giveBack(each.piece());
                return true;
            }
            return false;
        });
        List<Value> values = dispatch.operands().values().stream()
                .filter(Operand.Numbers.class::isInstance)
                .map(operand -> ((Operand.Numbers) operand).value())
                .filter(value -> value.region == null)
                .distinct()
                .toList();
        for (Value value : values) {
            offsets.computeIfAbsent(value, _ -> take(sizeBytes(value)));
        }
        for (Value value : values) {
            Integer last = lastUse.get(value);
            Long offset = offsets.get(value);
            if (!value.wanted && last != null && offset != null && last == index) {
                resting.add(new Resting(new Piece(offset, sizeBytes(value)), index + REST_DISPATCHES));
            }
        }
    }

    private static long sizeBytes(Value value) {
        return Math.ceilDiv(Math.max(4L, 4L * value.size), ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    }

    private long take(long size) {
        for (int i = 0; i < free.size(); i++) {
            Piece piece = free.get(i);
            if (piece.size() >= size) {
                if (piece.size() == size) {
                    free.remove(i);
                } else {
                    free.set(i, new Piece(piece.offset() + size, piece.size() - size));
                }
                return piece.offset();
            }
        }
        long offset = end;
        end += size;
        return offset;
    }

    private void giveBack(Piece piece) {
        for (int i = 0; i < free.size(); i++) {
            Piece other = free.get(i);
            if (other.offset() + other.size() == piece.offset() || piece.offset() + piece.size() == other.offset()) {
                free.remove(i);
                giveBack(new Piece(Math.min(other.offset(), piece.offset()), other.size() + piece.size()));
                return;
            }
        }
        free.add(piece);
    }

    /** Bytes before the value, of those that have no region yet. */
    long offsetBytes(Value value) {
        Long offset = offsets.get(value);
        if (offset == null) {
            throw new IllegalStateException("a value without memory");
        }
        return offset;
    }

    /** Bytes of all. */
    long sizeBytes() {
        return end;
    }

    /** The values that got memory here. */
    Iterable<Value> values() {
        return offsets.keySet();
    }
}
