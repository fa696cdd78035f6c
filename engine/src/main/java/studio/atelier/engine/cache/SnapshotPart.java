package studio.atelier.engine.cache;

/**
 * Rows of one table of a snapshot.
 *
 * @param rows number of rows
 * @param width elements of a row
 * @param half whether every value is a bfloat16, so that its upper half says it all
 * @param values {@code [rows, width]}
 */
public record SnapshotPart(int rows, int width, boolean half, float[] values) {
    /** Rows that stand for nothing. */
    public static final SnapshotPart NONE = new SnapshotPart(0, 0, false, new float[0]);

    int bytesEach() {
        return half ? Short.BYTES : Float.BYTES;
    }
}
