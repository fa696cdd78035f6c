package studio.atelier.engine.backend.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The sum of a vector's lanes, always in the same order: halves onto each other until one lane is left.
 *
 * <p>The Vector API's own reduction leaves the order open, and compiled code takes another one than interpreted code: the
 * same seed would then not give the same answer.
 */
final class LaneSum {
    private static final VectorShuffle<Float> SIXTEEN_BY_8 = turned(FloatVector.SPECIES_512, 8);
    private static final VectorShuffle<Float> SIXTEEN_BY_4 = turned(FloatVector.SPECIES_512, 4);
    private static final VectorShuffle<Float> SIXTEEN_BY_2 = turned(FloatVector.SPECIES_512, 2);
    private static final VectorShuffle<Float> SIXTEEN_BY_1 = turned(FloatVector.SPECIES_512, 1);
    private static final VectorShuffle<Float> EIGHT_BY_4 = turned(FloatVector.SPECIES_256, 4);
    private static final VectorShuffle<Float> EIGHT_BY_2 = turned(FloatVector.SPECIES_256, 2);
    private static final VectorShuffle<Float> EIGHT_BY_1 = turned(FloatVector.SPECIES_256, 1);
    private static final VectorShuffle<Float> FOUR_BY_2 = turned(FloatVector.SPECIES_128, 2);
    private static final VectorShuffle<Float> FOUR_BY_1 = turned(FloatVector.SPECIES_128, 1);

    private LaneSum() {}

    private static VectorShuffle<Float> turned(VectorSpecies<Float> species, int lanes) {
        return VectorShuffle.fromOp(species, lane -> (lane + lanes) % species.length());
    }

    static float of(FloatVector vector) {
        return switch (vector.length()) {
            case 16 -> {
                FloatVector eight = vector.add(vector.rearrange(SIXTEEN_BY_8));
                FloatVector four = eight.add(eight.rearrange(SIXTEEN_BY_4));
                FloatVector two = four.add(four.rearrange(SIXTEEN_BY_2));
                yield two.add(two.rearrange(SIXTEEN_BY_1)).lane(0);
            }
            case 8 -> {
                FloatVector four = vector.add(vector.rearrange(EIGHT_BY_4));
                FloatVector two = four.add(four.rearrange(EIGHT_BY_2));
                yield two.add(two.rearrange(EIGHT_BY_1)).lane(0);
            }
            case 4 -> {
                FloatVector two = vector.add(vector.rearrange(FOUR_BY_2));
                yield two.add(two.rearrange(FOUR_BY_1)).lane(0);
            }
            // Other widths are rare machines': one lane after the other.
            default -> {
                float sum = 0;
                for (int lane = 0; lane < vector.length(); lane++) {
                    sum += vector.lane(lane);
                }
                yield sum;
            }
        };
    }

    /** The same of lanes that lie in an array, which is used up. */
    static float of(float[] lanes) {
        if (lanes.length != 16 && lanes.length != 8 && lanes.length != 4) {
            float sum = 0;
            for (float lane : lanes) {
                sum += lane;
            }
            return sum;
        }
        for (int half = lanes.length / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                lanes[lane] += lanes[lane + half];
            }
        }
        return lanes[0];
    }
}
