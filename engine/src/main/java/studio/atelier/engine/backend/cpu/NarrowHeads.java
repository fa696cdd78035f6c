package studio.atelier.engine.backend.cpu;

import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import studio.atelier.engine.tensor.WeightStack;

/**
 * Each head by its own narrow matrix, as small models have them to bring queries to the latent space. With two or three
 * vectors a row, adding up a row's lanes takes longer than its products; so the matrices are turned once, as floats, and
 * columns are added up: {@code y = sum over c of x_c W[:, c]}. Belongs to the engine thread.
 */
final class NarrowHeads implements CpuThreads.Chunk {
    private final Kernels kernels;
    private final CpuThreads threads;
    /** {@code [H, in, out]} of each stack. */
    private final Map<WeightStack, float[]> turned = new IdentityHashMap<>();

    private float[] matrices = {};
    private int heads;
    private int in;
    private int out;
    private float[] x = {};
    private int tokens;
    private float[] y = {};

    NarrowHeads(Kernels kernels, CpuThreads threads) {
        this.kernels = kernels;
        this.threads = threads;
    }

    /** x is {@code [tokens, heads, in]}, y is {@code [tokens, heads, out]}. */
    void multiply(WeightStack weights, float[] x, int tokens, float[] y) {
        float @Nullable [] known = turned.get(weights);
        if (known == null) {
            known = turn(weights);
            turned.put(weights, known);
        }
        this.matrices = known;
        this.heads = weights.size();
        this.in = weights.columns();
        this.out = weights.rows();
        this.x = x;
        this.tokens = tokens;
        this.y = y;
        threads.share(heads, (long) tokens * in * out, CpuThreads.FLOAT_PRODUCTS, this);
    }

    private float[] turn(WeightStack weights) {
        int columns = weights.columns();
        int rows = weights.rows();
        float[] all = new float[weights.size() * columns * rows];
        float[] row = new float[columns];
        for (int head = 0; head < weights.size(); head++) {
            for (int r = 0; r < rows; r++) {
                kernels.decode(weights.get(head), r, row, 0);
                for (int c = 0; c < columns; c++) {
                    all[(head * columns + c) * rows + r] = row[c];
                }
            }
        }
        return all;
    }

    @Override
    public void run(int from, int to, int worker) {
        for (int head = from; head < to; head++) {
            for (int token = 0; token < tokens; token++) {
                int at = token * heads + head;
                Arrays.fill(y, at * out, (at + 1) * out, 0);
                // One token at a time: each is computed as it would be alone.
                kernels.mix(x, at * in, in, 1, matrices, head * in * out, out, in, out, y, at * out);
            }
        }
    }
}
