package studio.atelier.engine.image;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What is asked of a model that makes pictures. A value that a model can't follow is refused with the first event.
 *
 * @param prompt what is wanted; of an edit, what is to change
 * @param size empty leaves it to the model, or to the source
 * @param background what is behind
 * @param sources pictures to change or to follow, the first the one that is edited; may be empty
 * @param retouch how the change is held to the first source; empty leaves it to the model
 * @param seed the same seed and request give the same picture; empty draws a new one
 * @param guidance weight of the prompt; empty takes the model's
 * @param temperature of the draws; empty takes the model's, 0 takes the likeliest
 * @param steps of the sampler; empty takes the model's
 * @param trace where tokens and logits are written to, for comparing engines; empty for nowhere
 */
public record PictureRequest(
        String prompt,
        Optional<PictureSize> size,
        Background background,
        List<PictureFile> sources,
        Optional<Retouch> retouch,
        OptionalLong seed,
        OptionalDouble guidance,
        OptionalDouble temperature,
        OptionalInt steps,
        Optional<Path> trace) {
    /** Longer prompts are refused: no model here reads more. */
    public static final int MOST_CHARACTERS = 4_000;

    private static final int MOST_SOURCES = 8;

    public PictureRequest {
        sources = List.copyOf(sources);
        if (prompt.isBlank() || prompt.length() > MOST_CHARACTERS) {
            throw new IllegalArgumentException("The prompt has " + prompt.length() + " characters; 1 to "
                    + MOST_CHARACTERS + " can be read, so " + (prompt.isBlank() ? "say what to draw" : "shorten it"));
        }
        if (sources.size() > MOST_SOURCES) {
            throw new IllegalArgumentException(
                    sources.size() + " pictures were given; at most " + MOST_SOURCES + " can be followed");
        }
        if (retouch.isPresent() && sources.isEmpty()) {
            throw new IllegalArgumentException("a mask or a source bias was given without the picture that is changed");
        }
        require(guidance.orElse(1), 0, 100, "guidance");
        require(temperature.orElse(1), 0, 100, "temperature");
        require(steps.orElse(1), 1, 1000, "steps");
    }

    private static void require(double value, double least, double most, String what) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException(what + ": expected " + least + " to " + most + ", got " + value);
        }
    }

    /** The prompt for models that know nothing of backgrounds: a colour is asked for in words. */
    String words() {
        return background instanceof Background.Plain(int rgb)
                ? prompt + ", on a plain " + Colours.hex(rgb) + " background"
                : prompt;
    }

    /** What was asked of the picture that is changed before, the oldest first. */
    List<String> told() {
        return sources.stream()
                .limit(1)
                .flatMap(file -> file.provenance().stream())
                .flatMap(before -> java.util.stream.Stream.concat(
                        before.edits().stream(), java.util.stream.Stream.of(before.prompt())))
                .toList();
    }

    /** A request with everything else left to the model. */
    public static PictureRequest of(String prompt) {
        return new PictureRequest(
                prompt,
                Optional.empty(),
                new Background.Automatic(),
                List.of(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                Optional.empty());
    }

    public PictureRequest withSize(PictureSize value) {
        return new PictureRequest(
                prompt, Optional.of(value), background, sources, retouch, seed, guidance, temperature, steps, trace);
    }

    public PictureRequest withBackground(Background value) {
        return new PictureRequest(prompt, size, value, sources, retouch, seed, guidance, temperature, steps, trace);
    }

    public PictureRequest withSources(List<PictureFile> value) {
        return new PictureRequest(prompt, size, background, value, retouch, seed, guidance, temperature, steps, trace);
    }

    public PictureRequest withRetouch(Retouch value) {
        return new PictureRequest(
                prompt, size, background, sources, Optional.of(value), seed, guidance, temperature, steps, trace);
    }

    public PictureRequest withSeed(long value) {
        return new PictureRequest(
                prompt,
                size,
                background,
                sources,
                retouch,
                OptionalLong.of(value),
                guidance,
                temperature,
                steps,
                trace);
    }

    public PictureRequest withGuidance(double value) {
        return new PictureRequest(
                prompt, size, background, sources, retouch, seed, OptionalDouble.of(value), temperature, steps, trace);
    }

    public PictureRequest withTemperature(double value) {
        return new PictureRequest(
                prompt, size, background, sources, retouch, seed, guidance, OptionalDouble.of(value), steps, trace);
    }

    public PictureRequest withSteps(int value) {
        return new PictureRequest(
                prompt, size, background, sources, retouch, seed, guidance, temperature, OptionalInt.of(value), trace);
    }

    public PictureRequest withTrace(Path value) {
        return new PictureRequest(
                prompt, size, background, sources, retouch, seed, guidance, temperature, steps, Optional.of(value));
    }
}
