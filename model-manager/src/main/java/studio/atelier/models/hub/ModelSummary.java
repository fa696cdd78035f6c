package studio.atelier.models.hub;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A model as a hub lists it. All of it is what the publisher says.
 *
 * @param parameters how many numbers the model has
 * @param storedBytes what the repository takes at the hub, all its versions together
 * @param licence as the hub spells it
 * @param access whether anyone may download
 */
public record ModelSummary(
        RepoId repository,
        OptionalLong parameters,
        OptionalLong storedBytes,
        Optional<String> licence,
        Optional<String> architecture,
        long downloads,
        long likes,
        Optional<Instant> changed,
        Access access,
        List<String> tags) {
    /** Who may download. */
    public enum Access {
        OPEN,
        /** After consenting to terms on the model's page. */
        GATED,
        PRIVATE
    }

    public ModelSummary {
        tags = List.copyOf(tags);
    }

    /** Of which nothing but the name is known yet. */
    public static ModelSummary named(RepoId repository) {
        return new ModelSummary(
                repository,
                OptionalLong.empty(),
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                Optional.empty(),
                Access.OPEN,
                List.of());
    }

    public boolean isMlx() {
        return tags.contains("mlx");
    }

    public boolean isGguf() {
        return tags.contains("gguf");
    }
}
