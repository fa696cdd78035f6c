package studio.atelier.engine.golden;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Language models in double precision and plain loops, written from the papers and from Hugging Face's classes without
 * looking at the engine: one pass over all tokens, no cache. Weights are by their Hugging Face names, {@code [out, in]}.
 */
final class PlainModel {
    /** What {@code config.json} says, as far as it matters here; zero or null where a family has no such thing. */
    static final class Shape {
        int vocab = 96;
        int hidden = 48;
        int layers = 3;
        int inner = 80;
        int heads = 4;
        int keyHeads = 2;
        int headSize = 16;
        double epsilon = 1e-5;
        double theta = 10_000;
        boolean tied;
        boolean queryKeyNorm;
        int[] windows = {};
        boolean sinks;
        double ropeFactor = 1;
        Frequencies frequencies = (inverse, _) -> inverse;
        Feed feed = new Feed.Dense();
        Latent latent;
    }

    /** Changes the rotary frequency of one pair. */
    interface Frequencies {
        double of(double inverse, int pair);
    }

    /** Latent attention's sizes. */
    record Latent(int queryRank, int rank, int nope, int rope, int value, double scaleFactor, boolean interleaved) {}

    /** What stands behind the attention. */
    sealed interface Feed {
        record Dense() implements Feed {}

        record Mixtral(int experts, int chosen) implements Feed {}

        record GptOss(int experts, int chosen) implements Feed {}

        record DeepSeek(
                int experts,
                int chosen,
                int groups,
                int keptGroups,
                int inner,
                int shared,
                int firstDense,
                int frequency,
                boolean normalized,
                double factor,
                boolean sigmoid)
                implements Feed {}
    }

    private final Shape shape;
    private final Map<String, double[]> weights;

    PlainModel(Shape shape, Map<String, double[]> weights) {
        this.shape = shape;
        this.weights = weights;
    }

    /** Logits {@code [L][V]}. */
    double[][] logits(int[] tokens) {
        double[][] x = new double[tokens.length][];
        double[] table = weight("model.embed_tokens.weight");
        for (int l = 0; l < tokens.length; l++) {
            x[l] = java.util.Arrays.copyOfRange(table, tokens[l] * shape.hidden, (tokens[l] + 1) * shape.hidden);
        }
        for (int layer = 0; layer < shape.layers; layer++) {
            String at = "model.layers." + layer;
            double[][] normed = norm(x, at + ".input_layernorm", shape.epsilon);
            add(
                    x,
                    shape.latent == null
                            ? attention(normed, at + ".self_attn", layer)
                            : latent(normed, at + ".self_attn"));
            add(x, feed(norm(x, at + ".post_attention_layernorm", shape.epsilon), at, layer));
        }
        double[][] last = norm(x, "model.norm", shape.epsilon);
        return linear(last, shape.tied ? "model.embed_tokens" : "lm_head");
    }

    private double[][] attention(double[][] x, String at, int layer) {
        int d = shape.headSize;
        double[][] q = linear(x, at + ".q_proj");
        double[][] k = linear(x, at + ".k_proj");
        double[][] v = linear(x, at + ".v_proj");
        if (shape.queryKeyNorm) {
            normHeads(q, at + ".q_norm", d);
            normHeads(k, at + ".k_norm", d);
        }
        rotate(q, shape.heads, d, 0, d, false);
        rotate(k, shape.keyHeads, d, 0, d, false);
        int window = shape.windows.length > layer ? shape.windows[layer] : Integer.MAX_VALUE;
        double[][] out = new double[x.length][shape.heads * d];
        for (int h = 0; h < shape.heads; h++) {
            int kh = h / (shape.heads / shape.keyHeads);
            for (int i = 0; i < x.length; i++) {
                double[] scores = new double[x.length];
                java.util.Arrays.fill(scores, Double.NEGATIVE_INFINITY);
                for (int j = 0; j <= i; j++) {
                    if (i - j < window) {
                        scores[j] = dot(q[i], h * d, k[j], kh * d, d) / Math.sqrt(d);
                    }
                }
                double[] p = softmax(scores, shape.sinks ? weight(at + ".sinks")[h] : Double.NEGATIVE_INFINITY);
                for (int j = 0; j <= i; j++) {
                    for (int c = 0; c < d; c++) {
                        out[i][h * d + c] += p[j] * v[j][kh * d + c];
                    }
                }
            }
        }
        return linear(out, at + ".o_proj");
    }

    private double[][] latent(double[][] x, String at) {
        Latent s = shape.latent;
        int d = s.nope + s.rope;
        double[][] q = s.queryRank == 0
                ? linear(x, at + ".q_proj")
                : linear(norm(linear(x, at + ".q_a_proj"), at + ".q_a_layernorm", 1e-6), at + ".q_b_proj");
        double[][] both = linear(x, at + ".kv_a_proj_with_mqa");
        double[][] compressed = new double[x.length][];
        double[][] turned = new double[x.length][];
        for (int l = 0; l < x.length; l++) {
            compressed[l] = java.util.Arrays.copyOf(both[l], s.rank);
            turned[l] = java.util.Arrays.copyOfRange(both[l], s.rank, s.rank + s.rope);
        }
        double[][] expanded = linear(norm(compressed, at + ".kv_a_layernorm", 1e-6), at + ".kv_b_proj");
        rotate(q, shape.heads, d, s.nope, s.rope, s.interleaved);
        rotate(turned, 1, s.rope, 0, s.rope, s.interleaved);
        double[][] out = new double[x.length][shape.heads * s.value];
        for (int h = 0; h < shape.heads; h++) {
            int key = h * (s.nope + s.value);
            for (int i = 0; i < x.length; i++) {
                double[] scores = new double[i + 1];
                for (int j = 0; j <= i; j++) {
                    scores[j] = (dot(q[i], h * d, expanded[j], key, s.nope)
                                    + dot(q[i], h * d + s.nope, turned[j], 0, s.rope))
                            * s.scaleFactor
                            / Math.sqrt(d);
                }
                double[] p = softmax(scores, Double.NEGATIVE_INFINITY);
                for (int j = 0; j <= i; j++) {
                    for (int c = 0; c < s.value; c++) {
                        out[i][h * s.value + c] += p[j] * expanded[j][key + s.nope + c];
                    }
                }
            }
        }
        return linear(out, at + ".o_proj");
    }

    private double[][] feed(double[][] x, String at, int layer) {
        return switch (shape.feed) {
            case Feed.Dense _ -> swiGlu(x, at + ".mlp");
            case Feed.Mixtral(int experts, int chosen) -> {
                String moe = at + ".block_sparse_moe";
                yield mix(
                        x,
                        softmaxOfBest(linear(x, moe + ".gate"), chosen),
                        (row, e) -> expert(row, moe + ".experts." + e + ".", "w1", "w3", "w2"));
            }
            case Feed.GptOss(int experts, int chosen) -> {
                String mlp = at + ".mlp";
                yield mix(x, softmaxOfBest(linear(x, mlp + ".router"), chosen), (row, e) -> gptOssExpert(row, mlp, e));
            }
            case Feed.DeepSeek moe -> {
                if (layer < moe.firstDense || layer % moe.frequency != 0) {
                    yield swiGlu(x, at + ".mlp");
                }
                double[][] mixed = mix(
                        x,
                        deepSeekShares(x, at + ".mlp.gate", moe),
                        (row, e) -> expert(row, at + ".mlp.experts." + e + ".", "gate_proj", "up_proj", "down_proj"));
                if (moe.shared > 0) {
                    add(mixed, swiGlu(x, at + ".mlp.shared_experts"));
                }
                yield mixed;
            }
        };
    }

    private List<Map<Integer, Double>> deepSeekShares(double[][] x, String gate, Feed.DeepSeek moe) {
        List<Map<Integer, Double>> all = new ArrayList<>();
        double[] bias = weights.getOrDefault(gate + ".e_score_correction_bias", new double[moe.experts]);
        for (double[] z : linear(x, gate)) {
            double[] p = moe.sigmoid
                    ? java.util.Arrays.stream(z).map(PlainModel::sigmoid).toArray()
                    : softmax(z, Double.NEGATIVE_INFINITY);
            double[] u = IntStream.range(0, moe.experts)
                    .mapToDouble(e -> p[e] + bias[e])
                    .toArray();
            int size = moe.experts / moe.groups;
            List<Integer> groups =
                    new ArrayList<>(IntStream.range(0, moe.groups).boxed().toList());
            groups.sort(Comparator.comparingDouble(g -> -groupScore(u, g * size, size, moe.sigmoid)));
            List<Integer> candidates = new ArrayList<>();
            for (int g : groups.subList(0, moe.keptGroups)) {
                IntStream.range(g * size, (g + 1) * size).forEach(candidates::add);
            }
            candidates.sort(Comparator.comparingDouble(e -> -u[e]));
            Map<Integer, Double> shares = new TreeMap<>();
            double sum = candidates.subList(0, moe.chosen).stream()
                    .mapToDouble(e -> p[e])
                    .sum();
            for (int e : candidates.subList(0, moe.chosen)) {
                shares.put(e, p[e] / (moe.normalized ? sum : 1) * moe.factor);
            }
            all.add(shares);
        }
        return all;
    }

    private static double groupScore(double[] u, int from, int size, boolean twoBest) {
        double[] sorted = java.util.Arrays.copyOfRange(u, from, from + size);
        java.util.Arrays.sort(sorted);
        return sorted[size - 1] + (twoBest ? sorted[size - 2] : 0);
    }

    private static List<Map<Integer, Double>> softmaxOfBest(double[][] logits, int chosen) {
        List<Map<Integer, Double>> all = new ArrayList<>();
        for (double[] z : logits) {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, z.length).boxed().toList());
            order.sort(Comparator.comparingDouble(e -> -z[e]));
            double[] best =
                    order.subList(0, chosen).stream().mapToDouble(e -> z[e]).toArray();
            double[] p = softmax(best, Double.NEGATIVE_INFINITY);
            Map<Integer, Double> shares = new TreeMap<>();
            for (int i = 0; i < chosen; i++) {
                shares.put(order.get(i), p[i]);
            }
            all.add(shares);
        }
        return all;
    }

    private interface Expert {
        double[] of(double[] row, int expert);
    }

    private static double[][] mix(double[][] x, List<Map<Integer, Double>> shares, Expert expert) {
        double[][] out = new double[x.length][x[0].length];
        for (int l = 0; l < x.length; l++) {
            for (Map.Entry<Integer, Double> share : shares.get(l).entrySet()) {
                double[] y = expert.of(x[l], share.getKey());
                for (int c = 0; c < y.length; c++) {
                    out[l][c] += share.getValue() * y[c];
                }
            }
        }
        return out;
    }

    private double[] expert(double[] row, String at, String gate, String up, String down) {
        double[][] x = {row};
        double[][] hidden = silu(linear(x, at + gate), linear(x, at + up));
        return linear(hidden, at + down)[0];
    }

    /** Gate and up rows alternate; both are clamped; up is moved by one. */
    private double[] gptOssExpert(double[] row, String mlp, int e) {
        double[] both = dense(
                row,
                weight(mlp + ".experts.gate_up_proj"),
                weight(mlp + ".experts.gate_up_proj_bias"),
                e,
                2 * shape.inner);
        double[] hidden = new double[shape.inner];
        for (int i = 0; i < hidden.length; i++) {
            double gate = Math.min(both[2 * i], 7);
            double up = Math.clamp(both[2 * i + 1], -7.0, 7.0);
            hidden[i] = (up + 1) * gate * sigmoid(1.702 * gate);
        }
        return dense(
                hidden, weight(mlp + ".experts.down_proj"), weight(mlp + ".experts.down_proj_bias"), e, shape.hidden);
    }

    private static double[] dense(double[] x, double[] matrices, double[] biases, int index, int out) {
        double[] y = new double[out];
        for (int r = 0; r < out; r++) {
            y[r] = biases[index * out + r] + dot(x, 0, matrices, (index * out + r) * x.length, x.length);
        }
        return y;
    }

    private double[][] swiGlu(double[][] x, String at) {
        return linear(silu(linear(x, at + ".gate_proj"), linear(x, at + ".up_proj")), at + ".down_proj");
    }

    private static double[][] silu(double[][] gate, double[][] up) {
        for (int l = 0; l < gate.length; l++) {
            for (int c = 0; c < gate[l].length; c++) {
                gate[l][c] *= sigmoid(gate[l][c]) * up[l][c];
            }
        }
        return gate;
    }

    private double[][] linear(double[][] x, String module) {
        double[] w = weight(module + ".weight");
        double[] bias = weights.get(module + ".bias");
        int in = x[0].length;
        int out = w.length / in;
        double[][] y = new double[x.length][out];
        for (int l = 0; l < x.length; l++) {
            for (int r = 0; r < out; r++) {
                y[l][r] = dot(x[l], 0, w, r * in, in) + (bias == null ? 0 : bias[r]);
            }
        }
        return y;
    }

    private double[][] norm(double[][] x, String module, double epsilon) {
        double[] w = weight(module + ".weight");
        double[][] y = new double[x.length][];
        for (int l = 0; l < x.length; l++) {
            y[l] = x[l].clone();
            norm(y[l], 0, w, epsilon);
        }
        return y;
    }

    private void normHeads(double[][] x, String module, int d) {
        double[] w = weight(module + ".weight");
        for (double[] row : x) {
            for (int at = 0; at < row.length; at += d) {
                norm(row, at, w, shape.epsilon);
            }
        }
    }

    private static void norm(double[] row, int at, double[] w, double epsilon) {
        double root = Math.sqrt(dot(row, at, row, at, w.length) / w.length + epsilon);
        for (int i = 0; i < w.length; i++) {
            row[at + i] *= w[i] / root;
        }
    }

    private void rotate(double[][] x, int heads, int headSize, int from, int size, boolean interleaved) {
        for (int position = 0; position < x.length; position++) {
            for (int h = 0; h < heads; h++) {
                for (int i = 0; i < size / 2; i++) {
                    double inverse = Math.pow(shape.theta, -2.0 * i / size);
                    double angle = position * shape.frequencies.of(inverse, i);
                    int base = h * headSize + from;
                    int a = base + (interleaved ? 2 * i : i);
                    int b = base + (interleaved ? 2 * i + 1 : i + size / 2);
                    double one = x[position][a];
                    double two = x[position][b];
                    x[position][a] = (one * Math.cos(angle) - two * Math.sin(angle)) * shape.ropeFactor;
                    x[position][b] = (two * Math.cos(angle) + one * Math.sin(angle)) * shape.ropeFactor;
                }
            }
        }
    }

    private static double[] softmax(double[] z, double sink) {
        double most = Math.max(sink, java.util.Arrays.stream(z).max().orElseThrow());
        double[] p =
                java.util.Arrays.stream(z).map(each -> Math.exp(each - most)).toArray();
        double sum = java.util.Arrays.stream(p).sum() + Math.exp(sink - most);
        return java.util.Arrays.stream(p).map(each -> each / sum).toArray();
    }

    private static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    private static double dot(double[] a, int atA, double[] b, int atB, int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += a[atA + i] * b[atB + i];
        }
        return sum;
    }

    private static void add(double[][] x, double[][] y) {
        for (int l = 0; l < x.length; l++) {
            for (int c = 0; c < x[l].length; c++) {
                x[l][c] += y[l][c];
            }
        }
    }

    private double[] weight(String name) {
        double[] weight = weights.get(name);
        if (weight == null) {
            throw new IllegalArgumentException("there is no " + name);
        }
        return weight;
    }
}
