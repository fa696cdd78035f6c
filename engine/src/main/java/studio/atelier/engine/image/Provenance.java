package studio.atelier.engine.image;

import java.util.List;

/**
 * How a picture came to be: written into its file and read back from it.
 *
 * @param prompt what was asked for
 * @param model the model's name
 * @param seed of its draws
 * @param width in pixels
 * @param height in pixels
 * @param steps of the sampler; 0 where a model works code by code
 * @param guidance weight of the prompt
 * @param parent the file that was edited, or empty
 * @param edits what was asked for before, the oldest first
 * @param alpha how transparency was made: "none", "native", "cut out" of a plain background
 * @param colours measured afterwards, as {@code #rrggbb}, the most frequent first
 * @param plan how the starter model built it, by which it can change it; empty for other models
 */
public record Provenance(
        String prompt,
        String model,
        long seed,
        int width,
        int height,
        int steps,
        double guidance,
        String parent,
        List<String> edits,
        String alpha,
        List<String> colours,
        String plan) {
    public Provenance {
        edits = List.copyOf(edits);
        colours = List.copyOf(colours);
    }

    /** The same story of a picture that was made from another one. */
    public Provenance from(String file, List<String> before) {
        return new Provenance(prompt, model, seed, width, height, steps, guidance, file, before, alpha, colours, plan);
    }

    /** The same story of a picture whose pixels were changed afterwards. */
    public Provenance changed(String howAlpha, List<String> measured) {
        return new Provenance(
                prompt, model, seed, width, height, steps, guidance, parent, edits, howAlpha, measured, plan);
    }

    /** Of a model that makes no plans. */
    public Provenance(
            String prompt,
            String model,
            long seed,
            int width,
            int height,
            int steps,
            double guidance,
            String parent,
            List<String> edits,
            String alpha,
            List<String> colours) {
        this(prompt, model, seed, width, height, steps, guidance, parent, edits, alpha, colours, "");
    }
}
