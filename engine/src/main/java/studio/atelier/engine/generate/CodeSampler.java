package studio.atelier.engine.generate;

/** Chooses the next code of a picture from the logits of two readings: with the prompt and without. */
public final class CodeSampler {
    private CodeSampler() {}

    /**
     * Classifier-free guidance (Ho and Salimans 2022): {@code without + weight · (with − without)}.
     *
     * @param weight 1 follows the prompt as it is, more exaggerates it
     */
    public static float[] guide(float[] with, float[] without, double weight) {
        float[] mixed = new float[with.length];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i] = without[i] + (float) weight * (with[i] - without[i]);
        }
        return mixed;
    }

    /** The prompt as it is read without its meaning: all but the first and the last token are padding. */
    public static int[] withoutPrompt(int[] prompt, int pad) {
        int[] tokens = prompt.clone();
        for (int i = 1; i < tokens.length - 1; i++) {
            tokens[i] = pad;
        }
        return tokens;
    }

    /**
     * The code at a point between 0 and 1 of all probabilities, summed in the order of the codes: the first whose sum
     * lies above it.
     *
     * @param temperature 0 takes the likeliest, whatever the point
     */
    public static int draw(float[] logits, double temperature, double point) {
        int likeliest = Sampler.likeliest(logits);
        if (temperature == 0) {
            return likeliest;
        }
        double[] shares = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.exp((logits[i] - logits[likeliest]) / temperature);
            sum += shares[i];
        }
        double left = point * sum;
        for (int i = 0; i < shares.length; i++) {
            left -= shares[i];
            if (left < 0) {
                return i;
            }
        }
        return likeliest;
    }
}
