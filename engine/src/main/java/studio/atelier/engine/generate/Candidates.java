package studio.atelier.engine.generate;

/**
 * The tokens that may still be drawn, as a heap with the likeliest on top, so that cutting to the best few costs
 * little even for a vocabulary of 200,000.
 */
final class Candidates {
    private final int[] heap;
    private final double[] weight;
    private int heapSize;
    private int kept;
    private double keptWeight;
    private double totalWeight;

    Candidates(int vocabularySize) {
        heap = new int[vocabularySize];
        weight = new double[vocabularySize];
    }

    /** Takes all tokens with the weight exp((logit - largest) / temperature). */
    void fill(float[] logits, double temperature) {
        float largest = logits[Sampler.likeliest(logits)];
        heapSize = 0;
        totalWeight = 0;
        for (int id = 0; id < logits.length; id++) {
            double value = Math.exp((logits[id] - largest) / temperature);
            weight[id] = value;
            if (value > 0) {
                heap[heapSize++] = id;
                totalWeight += value;
            }
        }
        kept = 0;
        keptWeight = 0;
    }

    /** As {@link #fill}, of tokens that are known to be the likeliest: logits, the largest first, then tokens. */
    void fillBest(float[] best, double temperature) {
        int count = best.length / 2;
        heapSize = 0;
        totalWeight = 0;
        for (int i = 0; i < count; i++) {
            int id = (int) best[count + i];
            double value = Math.exp((best[i] - best[0]) / temperature);
            weight[id] = value;
            if (value > 0) {
                heap[heapSize++] = id;
                totalWeight += value;
            }
        }
        kept = 0;
        keptWeight = 0;
    }

    /** Keeps the topK likeliest, of those the fewest that reach topP, of those the ones at least minP as likely as the first. */
    void keep(int topK, double topP, double minP) {
        boolean all = topK == 0 && topP == 1 && minP == 0;
        if (all) {
            kept = heapSize;
            keptWeight = totalWeight;
            return;
        }
        for (int root = heapSize / 2 - 1; root >= 0; root--) {
            sink(root);
        }
        int limit = topK == 0 ? heapSize : Math.min(topK, heapSize);
        double nucleus = topP * (topK == 0 ? totalWeight : weightOfTop(limit));
        takeWhile(limit, nucleus, minP);
    }

    private double weightOfTop(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weight[pop()];
        }
        // Popped ids lie behind the heap in order; put them back so that they can be taken again.
        heapSize += count;
        for (int root = heapSize / 2 - 1; root >= 0; root--) {
            sink(root);
        }
        return sum;
    }

    private void takeWhile(int limit, double nucleus, double minP) {
        int size = heapSize;
        double first = 0;
        while (kept < limit && keptWeight < nucleus) {
            int id = pop();
            if (kept == 0) {
                first = weight[id];
            } else if (weight[id] < minP * first) {
                break;
            }
            kept++;
            keptWeight += weight[id];
        }
        // pop() leaves what it took at the array's end, likeliest last.
        for (int i = 0; i < kept / 2; i++) {
            swap(size - kept + i, size - 1 - i);
        }
        System.arraycopy(heap, size - kept, heap, 0, kept);
    }

    /** The token at this point between 0 and 1 of the kept weight. */
    int draw(double point) {
        double left = point * keptWeight;
        for (int i = 0; i < kept; i++) {
            left -= weight[heap[i]];
            if (left < 0) {
                return heap[i];
            }
        }
        return heap[Math.max(0, kept - 1)];
    }

    private int pop() {
        heapSize--;
        swap(0, heapSize);
        sink(0);
        return heap[heapSize];
    }

    private void sink(int start) {
        int parent = start;
        while (true) {
            int child = 2 * parent + 1;
            if (child >= heapSize) {
                return;
            }
            if (child + 1 < heapSize && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], heap[parent])) {
                return;
            }
            swap(child, parent);
            parent = child;
        }
    }

    private boolean before(int a, int b) {
        return weight[a] > weight[b] || weight[a] == weight[b] && a < b;
    }

    private void swap(int i, int j) {
        int id = heap[i];
        heap[i] = heap[j];
        heap[j] = id;
    }
}
