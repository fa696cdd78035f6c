package studio.atelier.engine.nn;

import studio.atelier.engine.tensor.Rope;

/**
 * How rotary frequencies are stretched so that a model reads longer texts than it was first trained on: the formulas of
 * the published methods, in double.
 */
public sealed interface RopeScaling {
    /** As trained. */
    record None() implements RopeScaling {}

    /** All frequencies divided by a factor (Chen et al. 2023). */
    record LinearInterpolation(double factor) implements RopeScaling {}

    /** Low frequencies divided, high ones kept, a ramp between (Llama 3.1). */
    record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, double originalPositions)
            implements RopeScaling {}

    /**
     * YaRN (Peng et al. 2023). {@code magnitude} and {@code magnitudeAllDimensions} are DeepSeek's {@code mscale} and
     * {@code mscale_all_dim}; {@code truncated} rounds the ramp's ends to whole pairs, which gpt-oss does not.
     */
    record Yarn(
            double factor,
            double betaFast,
            double betaSlow,
            double originalPositions,
            double magnitude,
            double magnitudeAllDimensions,
            boolean truncated)
            implements RopeScaling {
        /** What DeepSeek multiplies the scores' scale with. */
        public double scoreFactor() {
            double m = magnitudeAllDimensions == 0 ? 1 : magnitudeFor(factor, magnitudeAllDimensions);
            return m * m;
        }
    }

    /** The positions of a head of {@code size} elements. */
    default Rope rope(double theta, int size, Rope.Pairing pairing) {
        double[] inverse = new double[size / 2];
        for (int i = 0; i < inverse.length; i++) {
            inverse[i] = Math.pow(theta, -2.0 * i / size);
        }
        return switch (this) {
            case None _ -> new Rope(inverse, pairing, 1);
            case LinearInterpolation(double factor) -> {
                for (int i = 0; i < inverse.length; i++) {
                    inverse[i] /= factor;
                }
                yield new Rope(inverse, pairing, 1);
            }
            case Llama3 llama -> {
                for (int i = 0; i < inverse.length; i++) {
                    inverse[i] = stretched(inverse[i], llama);
                }
                yield new Rope(inverse, pairing, 1);
            }
            case Yarn yarn -> {
                stretch(inverse, yarn, theta, size);
                double magnitude = magnitudeFor(yarn.factor, yarn.magnitude)
                        / magnitudeFor(yarn.factor, yarn.magnitudeAllDimensions);
                yield new Rope(inverse, pairing, (float) magnitude);
            }
        };
    }

    private static double stretched(double inverse, Llama3 llama) {
        double wavelength = 2 * Math.PI / inverse;
        double lowest = llama.originalPositions / llama.lowFrequencyFactor;
        double highest = llama.originalPositions / llama.highFrequencyFactor;
        if (wavelength > lowest) {
            return inverse / llama.factor;
        }
        if (wavelength < highest) {
            return inverse;
        }
        double smooth = (llama.originalPositions / wavelength - llama.lowFrequencyFactor)
                / (llama.highFrequencyFactor - llama.lowFrequencyFactor);
        return (1 - smooth) * inverse / llama.factor + smooth * inverse;
    }

    private static void stretch(double[] inverse, Yarn yarn, double theta, int size) {
        double low = pairAt(yarn.betaFast, yarn, theta, size);
        double high = pairAt(yarn.betaSlow, yarn, theta, size);
        if (yarn.truncated) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, size - 1);
        if (low == high) {
            high += 0.001;
        }
        for (int i = 0; i < inverse.length; i++) {
            double ramp = Math.clamp((i - low) / (high - low), 0, 1);
            inverse[i] = inverse[i] / yarn.factor * ramp + inverse[i] * (1 - ramp);
        }
    }

    /** Which pair turns this often over the original length. */
    private static double pairAt(double rotations, Yarn yarn, double theta, int size) {
        return size * Math.log(yarn.originalPositions / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private static double magnitudeFor(double factor, double share) {
        return factor <= 1 ? 1 : 0.1 * share * Math.log(factor) + 1;
    }
}
