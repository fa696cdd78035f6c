package studio.atelier.engine.models;

/**
 * How much noise is left before each step of FLUX.2's sampler, and after the last. Larger pictures stay noisy for longer;
 * the two lines it follows were fitted by the model's publisher.
 */
public record FlowSchedule(double shift, double[] sigmas) {
    private static final int LARGE_TOKENS = 4300;

    /** For a picture of this many tokens. */
    public static FlowSchedule of(int tokens, int steps) {
        double atTen = 8.73809524e-5 * tokens + 1.89833333;
        double atTwoHundred = 0.00016927 * tokens + 0.45666666;
        double slope = (atTwoHundred - atTen) / 190;
        double shift = tokens > LARGE_TOKENS ? atTwoHundred : slope * steps + atTwoHundred - 200 * slope;
        double[] sigmas = new double[steps + 1];
        double factor = Math.exp(shift);
        for (int i = 0; i < steps; i++) {
            double even = steps == 1 ? 1 : 1 + (1.0 / steps - 1) * i / (steps - 1);
            sigmas[i] = factor / (factor + 1 / even - 1);
        }
        return new FlowSchedule(shift, sigmas);
    }

    public int steps() {
        return sigmas.length - 1;
    }
}
