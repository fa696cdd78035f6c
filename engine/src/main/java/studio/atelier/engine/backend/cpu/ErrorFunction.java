package studio.atelier.engine.backend.cpu;

/**
 * The error function from a table and three terms of the Taylor series about the nearest entry, exact to about 1e-12.
 * Source: Abramowitz and Stegun 7.1.1, 7.1.6 and 7.1.19.
 */
final class ErrorFunction {
    private static final int STEPS_PER_UNIT = 256;
    private static final double END = 6;
    private static final double[] VALUES = new double[(int) END * STEPS_PER_UNIT + 1];
    private static final double[] SLOPES = new double[VALUES.length];

    static {
        for (int i = 0; i < VALUES.length; i++) {
            double x = (double) i / STEPS_PER_UNIT;
            SLOPES[i] = 2 / Math.sqrt(Math.PI) * Math.exp(-x * x);
            VALUES[i] = series(x);
        }
    }

    private ErrorFunction() {}

    /** {@code 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (1·3·…·(2n+1))}: all terms positive, so nothing cancels. */
    private static double series(double x) {
        double term = x;
        double sum = x;
        for (int n = 1; term > 1e-18 * sum; n++) {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }
        return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
    }

    static double of(double x) {
        double size = Math.abs(x);
        if (!(size < END)) {
            return Double.isNaN(x) ? x : Math.signum(x);
        }
        int nearest = (int) (size * STEPS_PER_UNIT + 0.5);
        double at = (double) nearest / STEPS_PER_UNIT;
        double h = size - at;
        double value = VALUES[nearest] + SLOPES[nearest] * h * (1 - at * h + (2 * at * at - 1) * h * h / 3);
        return Math.copySign(value, x);
    }
}
