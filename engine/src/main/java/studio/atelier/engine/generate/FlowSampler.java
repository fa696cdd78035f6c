package studio.atelier.engine.generate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import studio.atelier.engine.models.FlowSchedule;
import studio.atelier.engine.models.Flux2Transformer;
import studio.atelier.engine.nn.Stages;
import studio.atelier.engine.tensor.RotaryTable;

/**
 * From noise to a picture's tokens along a flow, by Euler's method (Lipman et al. 2023). References stand behind the
 * picture's tokens and stay as they are.
 */
public final class FlowSampler {
    /** References are told apart by their time: the first at 10, the next 10 later. */
    private static final int REFERENCE_STEP = 10;

    private final Flux2Transformer transformer;
    private final float[] tokens;
    private final float[] references;
    private final float[] text;
    private final Optional<Guidance> guidance;
    private final RotaryTable positions;
    private final FlowSchedule schedule;
    private float[] last = {};
    private int done;

    /**
     * How strongly the prompt counts, for models that were not distilled.
     *
     * @param emptyText the empty prompt, read like the prompt
     * @param weight 1 follows the prompt as it is
     */
    public record Guidance(float[] emptyText, double weight) {}

    /** Tokens of a reference, row by row. */
    public record Grid(int rows, int columns) {}

    /**
     * A picture to be made.
     *
     * @param noise {@code [rows * columns, channels]}
     * @param references tokens of all references, one behind the other
     * @param text {@code [T, textWidth]}
     * @param guidance empty for distilled models
     * @param positions of text, picture and references, as {@link #positions} gives them
     */
    public FlowSampler(
            Flux2Transformer transformer,
            float[] noise,
            float[] references,
            float[] text,
            Optional<Guidance> guidance,
            int[] positions,
            FlowSchedule schedule) {
        this.guidance = guidance;
        this.transformer = transformer;
        this.tokens = noise.clone();
        this.references = references;
        this.text = text;
        this.positions = transformer.rotations(positions);
        this.schedule = schedule;
    }

    /** Time, row, column and place in the text of every token: the text's, the picture's, each reference's. */
    public static int[] positions(int textRows, int rows, int columns, List<Grid> references) {
        int count = textRows + rows * columns;
        for (Grid grid : references) {
            count += grid.rows() * grid.columns();
        }
        int[] positions = new int[4 * count];
        int at = 0;
        for (int i = 0; i < textRows; i++) {
            positions[at + 3] = i;
            at += 4;
        }
        at = place(positions, at, 0, rows, columns);
        for (int i = 0; i < references.size(); i++) {
            Grid grid = references.get(i);
            at = place(positions, at, REFERENCE_STEP * (i + 1), grid.rows(), grid.columns());
        }
        return positions;
    }

    private static int place(int[] positions, int from, int time, int rows, int columns) {
        int at = from;
        for (int i = 0; i < rows * columns; i++) {
            positions[at] = time;
            positions[at + 1] = i / columns;
            positions[at + 2] = i % columns;
            at += 4;
        }
        return at;
    }

    /** Where the picture flows now, {@code [rows * columns, channels]}. */
    public float[] velocity(Stages.Watcher watcher) {
        float[] all = Arrays.copyOf(tokens, tokens.length + references.length);
        System.arraycopy(references, 0, all, tokens.length, references.length);
        double sigma = schedule.sigmas()[done];
        float[] velocity = transformer.velocity(all, text, positions, sigma, watcher);
        if (guidance.isPresent()) {
            float[] without = transformer.velocity(all, guidance.get().emptyText(), positions, sigma, watcher);
            velocity = CodeSampler.guide(velocity, without, guidance.get().weight());
        }
        return Arrays.copyOf(velocity, tokens.length);
    }

    /** What the picture would be if the flow went on straight from here, as it went in the last step. */
    public float[] guess() {
        float[] guess = tokens.clone();
        for (int i = 0; done > 0 && i < guess.length; i++) {
            guess[i] -= (float) schedule.sigmas()[done] * last[i];
        }
        return guess;
    }

    /** Takes the next step. Returns whether more follow. */
    public boolean step(Stages.Watcher watcher) {
        float[] velocity = velocity(watcher);
        last = velocity;
        float length = (float) (schedule.sigmas()[done + 1] - schedule.sigmas()[done]);
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] += length * velocity[i];
        }
        done++;
        return done < schedule.steps();
    }

    /** The picture's tokens as they are now; a copy. */
    public float[] tokens() {
        return tokens.clone();
    }

    /** Steps taken. */
    public int done() {
        return done;
    }
}
