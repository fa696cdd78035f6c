package studio.atelier.engine.backend.metal;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import studio.atelier.engine.tensor.Rope;

/**
 * All that a plan's kernels read and that the next token would change: token ids, positions, cosines and sines of the new
 * positions. It lies in one small buffer, so that the same commands serve the next token when this is written anew.
 */
final class StepData {
    private static final long ALIGNMENT_BYTES = 16;

    private sealed interface Piece {
        long sizeBytes();

        /** Token ids. */
        record Tokens(int[] ids) implements Piece {
            @Override
            public long sizeBytes() {
                return 4L * ids.length;
            }
        }

        /** The position of the first new row. */
        record Position(int first) implements Piece {
            @Override
            public long sizeBytes() {
                return 4;
            }
        }

        /** Cosines and sines {@code [L, pairs, 2]}. */
        record Turns(Rope rope, int first, int length) implements Piece {
            @Override
            public long sizeBytes() {
                return 8L * length * rope.inverseFrequencies().length;
            }

            boolean turnsAs(Rope other) {
                return rope.magnitude() == other.magnitude()
                        && Arrays.equals(rope.inverseFrequencies(), other.inverseFrequencies());
            }
        }
    }

    private record Placed(Piece piece, long offsetBytes) {}

    private final List<Placed> pieces = new ArrayList<>();
    /** The first bytes are zeros: for parameters that a variant of a kernel never reads. */
    private long end = ALIGNMENT_BYTES;

    Operand.Step zeros() {
        return new Operand.Step(0);
    }

    Operand.Step tokens(int[] ids) {
        return add(new Piece.Tokens(ids));
    }

    Operand.Step position(int first) {
        for (Placed each : pieces) {
            if (each.piece() instanceof Piece.Position(int known) && known == first) {
                return new Operand.Step(each.offsetBytes());
            }
        }
        return add(new Piece.Position(first));
    }

    Operand.Step turns(Rope rope, int first, int length) {
        for (Placed each : pieces) {
            if (each.piece() instanceof Piece.Turns turns
                    && turns.first() == first
                    && turns.length() == length
                    && turns.turnsAs(rope)) {
                return new Operand.Step(each.offsetBytes());
            }
        }
        return add(new Piece.Turns(rope, first, length));
    }

    private Operand.Step add(Piece piece) {
        long offset = end;
        pieces.add(new Placed(piece, offset));
        end += Math.ceilDiv(piece.sizeBytes(), ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
        return new Operand.Step(offset);
    }

    long sizeBytes() {
        return end;
    }

    /** Writes it as it was planned. */
    void write(MemorySegment target) {
        target.asSlice(0, ALIGNMENT_BYTES).fill((byte) 0);
        for (Placed each : pieces) {
            MemorySegment into = target.asSlice(each.offsetBytes(), each.piece().sizeBytes());
            switch (each.piece()) {
                case Piece.Tokens(int[] ids) -> MemorySegment.copy(ids, 0, into, ValueLayout.JAVA_INT, 0, ids.length);
                case Piece.Position(int first) -> into.set(ValueLayout.JAVA_INT, 0, first);
                case Piece.Turns(Rope rope, int first, int length) -> turn(into, rope, first, length);
            }
        }
    }

    /** Writes it for another token at another position; only of what {@link #isOfOneToken}. */
    void write(MemorySegment target, int token, int position) {
        for (Placed each : pieces) {
            MemorySegment into = target.asSlice(each.offsetBytes(), each.piece().sizeBytes());
            switch (each.piece()) {
                case Piece.Tokens _ -> into.set(ValueLayout.JAVA_INT, 0, token);
                case Piece.Position _ -> into.set(ValueLayout.JAVA_INT, 0, position);
                case Piece.Turns(Rope rope, int _, int _) -> turn(into, rope, position, 1);
            }
        }
    }

    /** Whether it is about one token at one position, however often. */
    boolean isOfOneToken() {
        long tokens = pieces.stream()
                .filter(each -> each.piece() instanceof Piece.Tokens)
                .count();
        int[] positions = pieces.stream()
                .filter(each -> !(each.piece() instanceof Piece.Tokens))
                .mapToInt(each -> switch (each.piece()) {
                    case Piece.Tokens _ -> 0;
                    case Piece.Position(int first) -> first;
                    case Piece.Turns(Rope _, int first, int _) -> first;
                })
                .distinct()
                .toArray();
        boolean single = pieces.stream().allMatch(each -> switch (each.piece()) {
            case Piece.Tokens(int[] ids) -> ids.length == 1;
            case Piece.Position _ -> true;
            case Piece.Turns(Rope _, int _, int length) -> length == 1;
        });
        return tokens == 1 && positions.length == 1 && single;
    }

    /** Computed in double as the CPU backend does. */
    private static void turn(MemorySegment table, Rope rope, int firstPosition, int length) {
        double[] inverse = rope.inverseFrequencies();
        for (int l = 0; l < length; l++) {
            for (int i = 0; i < inverse.length; i++) {
                double angle = (firstPosition + l) * inverse[i];
                long at = 2L * (l * inverse.length + i);
                table.setAtIndex(ValueLayout.JAVA_FLOAT, at, (float) Math.cos(angle) * rope.magnitude());
                table.setAtIndex(ValueLayout.JAVA_FLOAT, at + 1, (float) Math.sin(angle) * rope.magnitude());
            }
        }
    }
}
